"""A build that dies at any point between two effects, and another step that knows only the ledger (R14-R17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floodmark.errors import LeaseTaken
from floodmark.pipeline.summaries.build import build
from floodmark.pipeline.summaries.run import BuildRequest
from tests.fakes.fuse import WRITES_OF_A_BUILD, Fuse, Killed, guarded
from tests.pipeline.conftest import World
from tests.pipeline.summaries import orders, summary_run, write

QUERY = "/* floodmark\nkeys: note\n*/ SELECT note, COUNT(*) AS n FROM orders GROUP BY note"
OWN, ANOTHER = BuildRequest(run_id="the run"), BuildRequest(run_id="another")
CHEAP = {(9, False)}
"""Checked, and nothing of its place yet."""
POINTS = [(fatal, after) for fatal in range(1, WRITES_OF_A_BUILD + 1) for after in (False, True)]


@pytest.fixture
def shop(world: World) -> World:
    """One order, and a summary that was built without it."""
    write(world, "notes", QUERY)
    orders(world, (1, "1", "2026-11-01T10:00Z"))
    return world


def jobs(shop: World, step: str) -> int:
    """How many of the summary's jobs did this, on the server."""
    head = (run := summary_run(shop, "notes")).ports.ledger.head(run.target)
    ids = [one.job_id for one in shop.google.bigquery_client().list_jobs()]
    return sum(one.startswith(f"floodmark_{head.uuid.hex}_") and f"_{step}_" in one for one in ids)


def test_the_points_of_death_are_all_there_are(shop: World) -> None:
    fuse = Fuse(10_000)
    build(guarded(summary_run(shop, "notes"), fuse), OWN)
    assert fuse.calls == WRITES_OF_A_BUILD


def _slow(points: list[tuple[int, bool]]) -> list[Any]:
    return [point if point in CHEAP else pytest.param(*point, marks=pytest.mark.slow) for point in points]


@pytest.mark.parametrize(("fatal", "after"), _slow(POINTS))
def test_whoever_comes_next_ends_where_an_unbroken_build_would(shop: World, fatal: int, after: bool) -> None:
    with pytest.raises(Killed):
        build(guarded(summary_run(shop, "notes"), Fuse(fatal, after=after)), OWN)
    before = jobs(shop, "build"), jobs(shop, "apply")
    outcome = build(summary_run(shop, "notes"), OWN if after else ANOTHER)
    assert outcome.state in ("built", "unchanged")
    assert shop.current("notes") == [("n", 1)]
    head = (run := summary_run(shop, "notes")).ports.ledger.head(run.target)
    assert (head.open, head.error) == (None, "")
    if before[0]:
        assert (jobs(shop, "build"), jobs(shop, "apply")) == (1, 1)  # attached to, not done again
    assert build(summary_run(shop, "notes"), BuildRequest(run_id="a third")).state == "unchanged"


@pytest.mark.slow
def test_two_runs_never_swap_at_once(shop: World) -> None:
    run = summary_run(shop, "notes")
    with run.lease(), pytest.raises(LeaseTaken, match="the lease is held by"):
        build(_impatient(summary_run(shop, "notes")), ANOTHER)


def _impatient(run: Any) -> Any:
    """One who waits for nobody."""

    class Impatient(type(run)):  # type: ignore[misc]
        lease_wait = timedelta(seconds=1)

    fields = {name: getattr(run, name) for name in run.__dataclass_fields__}
    return Impatient(**fields)
