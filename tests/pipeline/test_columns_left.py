"""Current's columns between two reads: what it lacks, or holds less by, is told by the balance, without a run (R36)."""

from __future__ import annotations

import pytest

from floodmark.core.balance import Depth
from floodmark.core.ledger.portion import Kind
from floodmark.errors import SourceChanged, TargetTouched
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import healed
from tests.pipeline.test_balance import balanced, orders, proof
from tests.pipeline.test_touched import written

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("column", ["note", "_floodmark_cursor", "_floodmark_read_at"])
def test_a_column_that_somebody_took_is_told_though_no_row_comes(world: World, column: str) -> None:
    orders(world)
    assert balanced(world).well
    written(world, f"ALTER TABLE {{current}} DROP COLUMN {column}")
    with pytest.raises(TargetTouched, match=f"lacks the columns {column} that it had"):
        balance(world.table_run("orders"), Depth.COUNTS)
    world.run("orders", hour(1))
    assert f"lacks the columns {column} that it had" in proof(world).says
    assert "floodmark reload shop orders" in proof(world).says
    world.run("orders", None, Kind.RELOAD)
    assert balanced(world).well
    assert proof(world).says == "proved"


def test_a_type_that_holds_less_is_told_though_no_row_comes(world: World) -> None:
    world.sql("ALTER TABLE orders ADD large bigint DEFAULT 9007199254740993")
    orders(world)
    assert balanced(world).well
    written(world, "ALTER TABLE {current} ALTER COLUMN large SET DATA TYPE FLOAT64")
    with pytest.raises(SourceChanged, match="large is FLOAT64"):
        balance(world.table_run("orders"), Depth.COUNTS)
    world.run("orders", hour(1))
    assert "floodmark reload --anew shop orders" in proof(world).says
    staged = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="anew", anew=True))
    load(world.table_run("orders"), staged.read_at)
    assert balanced(world).well
    assert world.current("orders", "DISTINCT large") == [(9007199254740993,)]


def test_a_flag_s_column_that_somebody_took_is_told_and_comes_back_with_a_reload(world: World) -> None:
    world.tables = "{orders: {deletes: {soft: gone, mode: flag}}}"
    world.sql("ALTER TABLE orders ADD gone boolean")
    orders(world, rows=2)
    written(world, "ALTER TABLE {current} DROP COLUMN _floodmark_deleted")
    assert not balanced(world, Depth.COUNTS).well
    assert "_floodmark_deleted says of 2 rows something else" in proof(world).says
    world.run("orders", None, Kind.RELOAD)
    assert balanced(world).well


@pytest.mark.parametrize("table", ["{recheck: 0}", "{recheck: 0, sync: append, cursor: updated_at}"])
def test_a_column_that_was_filled_before_any_row_brought_it_differs(world: World, table: str) -> None:
    world.tables = f"{{orders: {table}}}"
    orders(world)
    world.sql("ALTER TABLE orders ADD colour text")
    assert balanced(world).well
    world.sql("UPDATE orders SET colour = 'red' WHERE id < 3")
    world.run("orders", hour(1))
    assert balanced(world).differing == 2
    if "append" in table:
        world.run("orders", None, Kind.RELOAD)
    else:
        healed(world)
    assert balanced(world).well
    assert world.current("orders", "id, colour")[:3] == [(1, "red"), (2, "red"), (3, None)]


def test_rows_whose_own_cursor_somebody_changed_are_told_with_what_heals_that(world: World) -> None:
    orders(world)
    written(world, "UPDATE {current} SET _floodmark_cursor = NULL WHERE id < 3")
    assert not balanced(world).well
    said = proof(world).says
    assert "in 2 rows of current _floodmark_cursor is another moment than in the source" in said
    assert "floodmark reload shop orders" in said
    assert "reconcile" not in said
    world.run("orders", None, Kind.RELOAD)
    assert balanced(world).well


def test_a_missing_row_is_no_changed_cursor(world: World) -> None:
    orders(world)
    written(world, "DELETE FROM {current} WHERE id = 1", "UPDATE {current} SET _floodmark_cursor = NULL WHERE id = 2")
    assert balanced(world).missing == 2
    assert "2 rows of the source are missing from current: floodmark reconcile --heal" in proof(world).says
