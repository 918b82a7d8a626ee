"""``require_rows``: no row read, or none left, fails; what stands in current stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind, Slices, Span
from floodmark.core.ledger.read import State
from floodmark.errors import RowsRequired
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reconcile import reconcile
from floodmark.pipeline.require_rows import empty_target, require_read
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour

ORDER = "INSERT INTO orders VALUES ({}, 'a', 1, '2026-11-01T{}Z')"


def ids(world: World) -> list[int]:
    return [row[0] for row in world.current("orders", "id")]


@pytest.mark.slow
def test_an_emptied_table_that_is_read_whole_replaces_nothing(world: World) -> None:
    world.tables = "{orders: {sync: full, require_rows: true}}"
    world.sql(ORDER.format(1, "00:10"))
    world.run("orders", None, run_id="first")
    world.sql("TRUNCATE orders")
    said = r"shop\.yml: tables\.orders\.require_rows: public\.orders gave no row for all of it; nothing is loaded"
    with pytest.raises(RowsRequired, match=said):
        world.run("orders", None, run_id="second")
    head = world.head("orders")
    assert (head.open, ids(world)) == (None, [1])
    assert head.error.startswith("RowsRequired: ")
    assert not [blob for blob in world.google.storage_client().list_blobs(world.bucket) if "second" in blob.name]
    world.sql(ORDER.format(2, "00:10"))
    world.run("orders", None, run_id="third")
    assert (ids(world), world.head("orders").error) == ([2], "")


@pytest.mark.slow
def test_a_slice_without_a_row_fails_and_is_read_by_whoever_comes_back(world: World) -> None:
    world.tables = "{orders: {require_rows: true}}"
    world.sql(ORDER.format(1, "00:10"))
    world.run("orders", hour(0))
    with pytest.raises(RowsRequired, match=r"gave no row for \[2026-11-01T01:00"):
        world.run("orders", hour(1))
    world.sql(ORDER.format(2, "01:10"))
    world.run("orders", hour(1))
    assert ids(world) == [1, 2]


@pytest.mark.slow
def test_a_slice_that_is_only_looked_at_again_may_have_none(world: World) -> None:
    world.tables = "{orders: {require_rows: true}}"
    world.sql(ORDER.format(1, "00:10"))
    world.run("orders", hour(0))
    run = world.table_run("orders")
    again = Span(interval=hour(0), base=1, recheck=True)
    read = world.head("orders").last
    assert read is not None
    require_read(run, replace(read, portion=Slices(spans=(again,))), Manifest())
    with pytest.raises(RowsRequired):
        require_read(run, replace(read, portion=Slices(spans=(again, Span(interval=hour(1))))), Manifest())


@pytest.mark.slow
def test_without_it_an_emptied_table_empties_the_target(world: World) -> None:
    world.tables = "{orders: {sync: full}}"
    world.sql(ORDER.format(1, "00:10"))
    world.run("orders", None, run_id="first")
    world.sql("TRUNCATE orders")
    world.run("orders", None, run_id="second")
    assert ids(world) == []


@pytest.mark.slow
def test_rows_that_are_all_marked_as_deleted_replace_nothing(world: World) -> None:
    world.tables = "{orders: {require_rows: true, deletes: {soft: gone}}}"
    world.sql("ALTER TABLE orders ADD gone timestamptz", ORDER.replace(")", ", NULL)").format(1, "00:10"))
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET gone = now(), updated_at = '2026-11-01T01:10Z'")
    with pytest.raises(RowsRequired, match="would hold no row: all 1 that were read"):
        world.run("orders", hour(1))
    with pytest.raises(RowsRequired, match="would hold no row"):
        world.run("orders", None, Kind.RELOAD)
    anew = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="anew", anew=True))
    with pytest.raises(RowsRequired, match="would hold no row"):
        load(world.table_run("orders"), anew.read_at)
    head = world.head("orders")
    assert (head.open, ids(world)) == (None, [1])
    world.sql(ORDER.replace(")", ", NULL)").format(2, "01:20"))
    world.run("orders", hour(2))  # brings what hour 1 still owes
    assert ids(world) == [2]


@pytest.mark.slow
def test_a_reconcile_doesn_t_remove_the_last_row(world: World) -> None:
    world.tables = "{orders: {require_rows: true, deletes: reconcile}}"
    world.sql(ORDER.format(1, "00:10"), ORDER.format(2, "00:20"))
    world.run("orders", hour(0))
    world.sql("DELETE FROM orders WHERE id = 1")
    heal(world, "one")
    assert ids(world) == [2]
    world.sql("TRUNCATE orders")
    with pytest.raises(RowsRequired):
        heal(world, "all")
    assert ids(world) == [2]


def heal(world: World, run_id: str) -> None:
    outcome = reconcile(world.table_run("orders"), run_id, heal=True).outcome
    if outcome and outcome.state == State.STAGED:
        load(world.table_run("orders"), outcome.read_at)


def test_a_target_that_holds_none_after_all_is_told(world: World) -> None:
    world.tables = "{orders: {require_rows: true}}"
    run = world.table_run("orders")
    error = empty_target(run, 0)
    assert "holds no row after a read that was to leave some" in str(error)
    assert "floodmark reload shop orders" in str(error)
    assert empty_target(run, 1) is empty_target(run, None) is None
