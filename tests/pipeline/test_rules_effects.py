"""What is written to BigQuery: intended first, whole at every moment, and counted (R2, R17, R18, R20, R23, R28)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from floodmark.core.bigquery import jobs
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.errors import CountMismatch
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

ROWS = "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z'), (2, 'b', 1, '2026-11-01T00:20Z')"
ASK = Request(kind=Kind.SLICE, run_id="the run", interval=hour(0))


@pytest.mark.slow
def test_every_job_stands_in_the_ledger_before_it_is_submitted(world: World) -> None:
    """R17: whole, so that whoever comes next can submit it again under its id."""
    world.sql(ROWS)
    seen = []

    def before(call: str, *arguments: Any) -> None:
        if call == "submit":
            read = world.head("orders").open
            effects = read.effects if read else ()
            seen.append([(one.step, one.state) for one in effects if jobs.recorded(one) == arguments[0]])

    found = extract(world.table_run("orders"), ASK)
    load(watching(world.table_run("orders"), "warehouse", before=before), found.read_at)
    assert seen == [[("load", EffectState.INTENDED)], [("apply", EffectState.INTENDED)]]


def test_a_load_of_fewer_rows_than_were_staged_stops_the_table(world: World) -> None:
    """R28: rows read, rows in the manifest and rows loaded are the same, or nothing reaches current."""
    world.sql(ROWS)

    def after(call: str, found: Any) -> Any:
        if call == "wait" and "output_rows" in found.statistics:
            return replace(found, statistics=found.statistics | {"output_rows": found.statistics["output_rows"] - 1})
        return None

    found = extract(world.table_run("orders"), ASK)
    with pytest.raises(CountMismatch, match=r"2 rows were staged, and the load job put 1 into .*orders"):
        load(watching(world.table_run("orders"), "warehouse", after=after), found.read_at)
    head = world.head("orders")
    assert head.open is not None
    assert (head.open.state, head.coverage) == (State.STAGED, ())
    assert "put 1" in head.error
    assert world.current("orders") == []


@pytest.mark.slow
def test_a_key_that_stands_twice_in_current_is_told(world: World) -> None:
    """R28: somebody else wrote to it."""
    world.sql(ROWS)
    world.run("orders", hour(0))
    table = f"`{world.datasets.current}.orders`"
    world.google.bigquery_client().query(f"UPDATE {table} SET id = 1 WHERE id = 2").result()
    world.sql("UPDATE orders SET updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    with pytest.raises(CountMismatch, match=r"1 keys \(id\) stand more than once"):
        world.run("orders", hour(1))


def test_a_key_that_no_index_proves_is_asserted_before_every_merge(world: World) -> None:
    """R2: two rows of one key would make a MERGE fail, or one of them vanish."""
    world.tables = "{items: {key: id}}"
    world.sql(
        "CREATE TABLE items (id int NOT NULL, updated_at timestamptz NOT NULL)",
        "INSERT INTO items VALUES (1, '2026-11-01T00:10Z'), (1, '2026-11-01T00:20Z')",
    )
    with pytest.raises(CountMismatch, match=r"1 keys \(id\) stand more than once in one read"):
        world.run("items", hour(0))
    assert world.current("items") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Kind.SLICE, Kind.RELOAD], ids=["refresh", "reload"])
def test_a_reader_sees_the_whole_old_table_or_the_whole_new_one(world: World, kind: Kind) -> None:
    """R18, R23: at every moment around every call."""
    world.tables = "{products: }"
    world.sql("CREATE TABLE products (id int PRIMARY KEY)", "INSERT INTO products VALUES (1), (2)")
    world.run("products", hour(0))
    world.sql("DELETE FROM products WHERE id = 1", "INSERT INTO products VALUES (3)")
    seen = [world.current("products", "id")]

    def look(*_: Any) -> None:
        if (now := world.current("products", "id")) != seen[-1]:
            seen.append(now)

    found = extract(world.table_run("products"), replace(ASK, kind=kind, run_id="again"))
    load(watching(world.table_run("products"), "warehouse", before=look, after=look), found.read_at)
    assert seen == [[(1,), (2,)], [(2,), (3,)]]


@pytest.mark.slow
def test_a_merge_may_not_cost_more_than_was_allowed(world: World) -> None:
    """R20: the limit is in the job itself, so that BigQuery holds it."""
    world.sql(ROWS)
    found = extract(world.table_run("orders"), ASK)
    step = world.table_run("orders")
    place = step.config.bigquery.model_copy(update={"max_bytes_billed": 123_456_789})
    load(replace(step, config=step.config.model_copy(update={"bigquery": place})), found.read_at)
    [read] = step.ports.ledger.reads(step.target)
    assert read.effects[-1].configuration["query"]["maximumBytesBilled"] == "123456789"


def test_a_read_without_rows_touches_neither_stage_nor_bigquery(world: World) -> None:
    """R16: it is a row of the ledger and nothing else, and no second task has to run for it."""
    touched: list[str] = []

    def before(call: str, *_: Any) -> None:
        touched.append(call)

    step = watching(watching(world.table_run("orders"), "stage", before=before), "warehouse", before=before)
    found = extract(step, ASK)
    assert (found.state, found.pending, touched) == ("applied", False, [])
    assert world.head("orders").coverage[0].interval == hour(0)
