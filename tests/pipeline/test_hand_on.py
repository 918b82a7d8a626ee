"""``_floodmark_tables``: what it says of each table, whose rows it keeps, and whose table is never touched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from floodmark.core.bigquery import handing_on
from floodmark.core.ledger.portion import Kind
from floodmark.errors import TargetMismatch
from floodmark.pipeline.hand_on import hand_on
from floodmark.pipeline.reports.status import status
from floodmark.pipeline.reports.summaries import SummaryStatus
from floodmark.pipeline.table_run import TableRun
from tests.pipeline.conftest import START, World, hour

AT = datetime(2026, 11, 1, 3, tzinfo=UTC)


def handed_on(world: World, run_id: str = "shop/one", source: str = "shop", **also: Any) -> TableRun:
    """What ``report`` does at the end of a run."""
    run = world.table_run("orders")
    config = run.config.model_copy(update={"source": source})
    tables = status(config, run.ports.ledger, AT)
    built = SummaryStatus(summary="daily", target=f"{config.bigquery.home}.daily", built_at=AT, rows=3, error="a key")
    hand_on(config, run.ports, tables, (built,), now=also.pop("now", AT), run_id=run_id, **also)
    return run


def rows(world: World, columns: str, where: str = "TRUE") -> list[tuple[Any, ...]]:
    """Of the view that people ask, as they ask it."""
    return world._rows(
        f"SELECT {columns} FROM {world.datasets.current}._floodmark_tables WHERE {where} ORDER BY source, table"
    )


@pytest.mark.slow
def test_each_table_is_told_as_of_its_run_and_the_next_run_replaces_all(world: World) -> None:
    world.tables = "{orders: , rates: {sync: full}, later: }"
    world.sql("CREATE TABLE rates (id bigint PRIMARY KEY, rate numeric(9,2))", "INSERT INTO rates VALUES (1, 2)",
              "CREATE TABLE later (id bigint PRIMARY KEY, updated_at timestamptz NOT NULL)",
              "INSERT INTO orders VALUES (1, 'x', 1, '2026-11-01 00:30Z')")  # fmt: skip
    world.run("orders", hour(0))
    world.run("rates", None, Kind.REFRESH)
    read_at = {name: world.head(name).last.read_at for name in ("orders", "rates")}  # type: ignore[union-attr]
    handed_on(world)
    sealed = START + timedelta(hours=1)
    age = round((AT - read_at["rates"]).total_seconds())
    said = "table, sealed_until, basis, as_of, last_read_at, rows_read, well, lag_seconds, run_id, written_at"
    assert rows(world, said, "kind = 'table' AND source = 'shop'") == [
        ("later", None, None, None, None, 0, True, None, "shop/one", AT),
        ("orders", sealed, "proved", sealed, read_at["orders"], 1, True, 7200, "shop/one", AT),
        ("rates", None, None, read_at["rates"], read_at["rates"], 1, True, age, "shop/one", AT),
    ]  # fmt: skip
    summary = rows(world, "table, sealed_until, as_of, last_read_at, rows_read, late, well, error", "kind = 'summary'")
    assert summary == [("daily", None, None, AT, 3, None, False, "a key")]
    assert rows(world, "target, ledger", "table = 'orders'") == [
        (f"{world.datasets.project}.{world.datasets.current}.orders", str(world.table_run("orders").ports.ledger.uuid))
    ]
    world.run("orders", hour(1))
    handed_on(world, "shop/two", now=AT + timedelta(hours=1))
    assert rows(world, "table, sealed_until, run_id", "kind = 'table'")[1] == (
        "orders",
        sealed + timedelta(hours=1),
        "shop/two",
    )
    assert len(rows(world, "1")) == 4


@pytest.mark.slow
def test_a_summary_whose_file_cant_be_used_is_a_row_that_is_not_well(world: World) -> None:
    """Its table stands there as it was built last: to leave the row out would leave people to trust it."""
    run = world.table_run("orders")
    home = run.config.bigquery.home
    daily = SummaryStatus(summary="daily", target=f"{home}.daily", built_at=AT, rows=3, unusable="is not UTF-8")
    hand_on(run.config, run.ports, (), (daily,), now=AT, run_id="shop/one")
    assert rows(world, "table, last_read_at, rows_read, well, error") == [("daily", AT, 3, False, "is not UTF-8")]


@pytest.mark.slow
def test_two_sources_of_one_dataset_keep_each_other_s_rows_and_a_table_that_went_takes_none_with_it(
    world: World,
) -> None:
    handed_on(world)
    handed_on(world, source="my-billing")
    handed_on(world)
    assert rows(world, "source, table", "kind = 'table'") == [("my-billing", "orders"), ("shop", "orders")]
    client = world.google.bigquery_client()
    made = client.get_table(f"{world.datasets.current}._floodmark_tables").modified
    handed_on(world)
    assert client.get_table(f"{world.datasets.current}._floodmark_tables").modified == made, "made once"
    client.delete_table(f"{world.datasets.current}._floodmark_tables_my-billing")
    handed_on(world)
    assert rows(world, "source, table", "kind = 'table'") == [("shop", "orders")]


def test_columns_are_described_in_both_and_jobs_say_whose_they_are(world: World) -> None:
    handed_on(world)
    client = world.google.bigquery_client()
    for name in ("_floodmark_tables", "_floodmark_tables_shop"):
        schema = client.get_table(f"{world.datasets.current}.{name}").schema
        assert [(each.name, each.description) for each in schema] == [(one[0], one[2]) for one in handing_on.FIELDS]
    [job] = [job for job in client.list_jobs(max_results=30) if job.job_type == "load"
             and job.destination.dataset_id == world.datasets.current]  # fmt: skip
    assert {name: job.labels[f"floodmark_{name}"] for name in ("source", "table", "step")} == {
        "source": "shop", "table": "_floodmark_tables", "step": "tables",
    }  # fmt: skip
    assert job.output_rows == 2


@pytest.mark.slow
def test_runs_that_end_together_all_write_it_and_the_next_describes_what_they_left(world: World) -> None:
    """As those of a backfill do, where nothing stands yet."""
    client, view = world.google.bigquery_client(), f"{world.datasets.current}._floodmark_tables"
    for turn in range(3):
        for name in (view, f"{view}_shop"):
            client.delete_table(name, not_found_ok=True)
        with ThreadPoolExecutor(3) as together:
            moments = [AT + timedelta(hours=turn, seconds=second) for second in range(3)]
            done = [together.submit(handed_on, world, now=moment) for moment in moments]
            assert [one.exception() for one in done] == [None, None, None]
    handed_on(world, "shop/next", now=AT + timedelta(days=1))
    assert [each.description for each in client.get_table(view).schema] == [one[2] for one in handing_on.FIELDS]
    assert rows(world, "table, run_id", "kind = 'table'") == [("orders", "shop/next")]


@pytest.mark.parametrize("name", ["_floodmark_tables", "_floodmark_tables_shop"])
def test_a_table_that_somebody_else_made_stays_as_it_is(world: World, name: str) -> None:
    place = f"{world.datasets.current}.{name}"
    world._rows(f"CREATE TABLE {place} AS SELECT 1 AS theirs")
    with pytest.raises(TargetMismatch, match=f"{place}.*drop or rename it"):
        handed_on(world)
    assert world._rows(f"SELECT * FROM {place}") == [(1,)]
