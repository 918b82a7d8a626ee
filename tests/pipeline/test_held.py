"""What is applied is what was staged (R33): raw loses rows, or grows old, between load and merge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.errors import RawLost
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, TableRun
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

TWO = "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z'), (2, 'b', 1, '2026-11-01T00:20Z')"
THE_RUN = Request(kind=Kind.SLICE, run_id="the run", interval=hour(0))


class Died(BaseException):
    """Nothing in between handles it."""


def emptied(world: World, condition: str = "TRUE") -> None:
    """What somebody else, or an expiry, does to raw."""
    table = f"`{world.datasets.raw}.orders`"
    world.google.bigquery_client().query(f"DELETE FROM {table} WHERE {condition}", location="EU").result()


def losing_raw(world: World, condition: str = "TRUE") -> TableRun:
    """A step behind whose back raw loses rows as soon as they are loaded."""

    def after(call: str, found: Any) -> None:
        if call == "wait" and "output_rows" in found.statistics:
            emptied(world, condition)

    return watching(world.table_run("orders"), "warehouse", after=after)


@pytest.mark.slow
@pytest.mark.parametrize("condition", ["TRUE", "id = 2"], ids=["all", "one row"])
def test_a_slice_whose_rows_raw_lost_is_void_and_read_again_by_the_next_run(world: World, condition: str) -> None:
    world.sql(TWO)
    read_at = extract(world.table_run("orders"), THE_RUN).read_at
    with pytest.raises(RawLost, match=r"raw\.orders holds [01] of its 2 rows"):
        load(losing_raw(world, condition), read_at)
    head = world.head("orders")
    assert (head.open, head.coverage, head.due) == (None, (), (hour(0),))
    assert "of its 2 rows" in head.error
    assert world.current("orders") == []
    world.run("orders", hour(40))
    assert world.current("orders", "id, note") == [(1, "a"), (2, "b")]
    assert (world.head("orders").due, world.head("orders").error) == ((), "")


@pytest.mark.slow
def test_a_reload_whose_rows_raw_lost_leaves_current_as_it_was(world: World) -> None:
    world.sql(TWO)
    world.run("orders", hour(0))
    read_at = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="reload")).read_at
    with pytest.raises(RawLost, match="must be asked for again"):
        load(losing_raw(world), read_at)
    assert world.current("orders", "id") == [(1,), (2,)]
    world.run("orders", None, Kind.RELOAD, run_id="once more")
    assert world.current("orders", "id") == [(1,), (2,)]


@pytest.mark.slow
def test_a_run_that_finds_anothers_read_lost_reads_its_slice_too(world: World) -> None:
    world.sql(TWO, "INSERT INTO orders VALUES (3, 'c', 1, '2026-11-02T16:10Z')")
    read_at = extract(world.table_run("orders"), THE_RUN).read_at
    dying_at(world, read_at, "submit", nth=2)
    emptied(world)
    found = extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="another", interval=hour(40)))
    assert load(world.table_run("orders"), found.read_at).state == "applied"
    assert world.current("orders", "id") == [(1,), (2,), (3,)]


def dying_at(world: World, read_at: str, call: str, *, nth: int, after: bool = False) -> None:
    """Load, and die at the n-th such call of the warehouse, before or after it."""
    calls = []

    def count(name: str, *_: Any) -> None:
        calls.extend([name] if name == call else [])
        if calls[nth - 1 :] and name == call:
            raise Died

    run = world.table_run("orders")
    hooks = {"after": count} if after else {"before": count}
    with pytest.raises(Died):
        load(watching(run, "warehouse", **hooks), read_at)


@pytest.mark.slow
def test_a_merge_that_was_intended_and_never_submitted_is_kept_from_running_on_what_raw_lost(world: World) -> None:
    world.sql(TWO)
    read_at = extract(world.table_run("orders"), THE_RUN).read_at
    dying_at(world, read_at, "submit", nth=2)
    emptied(world)
    with pytest.raises(RawLost):
        load(world.table_run("orders"), read_at)
    run = world.table_run("orders")
    [read] = run.ports.ledger.reads(run.target)
    assert read.state is State.VOID
    assert [effect.state for effect in read.attempts("apply")] == [EffectState.OCCUPIED]
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(1,), (2,)]


def test_a_merge_that_ran_is_not_void_though_raw_was_emptied_before_anybody_heard_of_it(world: World) -> None:
    world.sql(TWO)
    read_at = extract(world.table_run("orders"), THE_RUN).read_at
    dying_at(world, read_at, "wait", nth=2, after=True)
    emptied(world)
    assert load(world.table_run("orders"), read_at).state == "applied"
    assert world.current("orders", "id") == [(1,), (2,)]


@pytest.mark.slow
@pytest.mark.parametrize(("days", "applied"), [(88, True), (89, False), (91, False)])
def test_a_read_as_old_as_raws_retention_less_a_day_is_never_applied(world: World, days: int, applied: bool) -> None:
    """By the clock of BigQuery, which expires rows: a table that was blocked for so long."""
    world.sql(TWO)
    read_at = extract(world.table_run("orders"), THE_RUN).read_at

    def after(call: str, found: Any) -> Any:
        if call == "query" and found and "clock" in found[0]:
            return [{**found[0], "clock": found[0]["clock"] + timedelta(days=days)}]
        return None

    run = watching(world.table_run("orders"), "warehouse", after=after)
    if applied:
        assert load(run, read_at).state == "applied"
        return
    with pytest.raises(RawLost, match=r"as old as retention: raw \(90 days\) allows"):
        load(run, read_at)
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(1,), (2,)]
