"""Summaries over a :class:`~tests.pipeline.conftest.World`: written as files, built as a task does."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from floodmark.adapters import summary_files
from floodmark.core.time.interval import Interval
from floodmark.pipeline.summaries.build import build
from floodmark.pipeline.summaries.run import BuildOutcome, BuildRequest, SummaryRun
from tests.pipeline.conftest import World, hour

DAILY = """
/* floodmark
description: Orders of each day.
keys: day
require_rows: true
partition_by: day
assert:
  no_day_is_negative: SELECT * FROM summary WHERE amount < 0
*/
SELECT DATE(updated_at, 'UTC') AS day, COUNT(*) AS n, SUM(amount) AS amount
FROM orders
WHERE updated_at >= @start AND updated_at < @end
GROUP BY day
"""
_RUNS = itertools.count()


def write(world: World, name: str, text: str) -> None:
    """Write ``summaries/<name>.sql`` beside the source's file."""
    folder = world.folder / "summaries"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.sql").write_text(text, encoding="utf-8")


def summary_run(world: World, name: str, **changes: Any) -> SummaryRun:
    """One summary, wired as for a step of its own."""
    table = world.table_run("orders")
    resolved = {
        one.summary.name: one for one in summary_files.require(world.folder / "shop.yml", table.config)
    }  # fmt: skip
    found = resolved[name]
    given = {"time_to_live": timedelta(seconds=5), **changes}
    return SummaryRun(
        config=table.config, ports=table.ports, holder=table.holder, file="shop.yml",
        summary=found.summary, inputs=found.inputs, summaries=table.summaries, **given,
    )  # fmt: skip


def built(world: World, name: str = "daily", *, window: Interval | None = None, **asked: Any) -> BuildOutcome:
    """What a run of the summaries' DAG does for one of them."""
    request = BuildRequest(run_id=f"run {next(_RUNS)}", window=window, **asked)
    return build(summary_run(world, name), request)


def orders(world: World, *rows: tuple[int, str, str]) -> None:
    """Orders ``(id, amount, time)`` in the source, and then in BigQuery."""
    for number, amount, moment in rows:
        world.sql(
            f"INSERT INTO orders VALUES ({number}, 'n', {amount}, '{moment}') "
            f"ON CONFLICT (id) DO UPDATE SET amount = {amount}, updated_at = '{moment}'"
        )
    world.run("orders", hour(0, 24 * 5))
