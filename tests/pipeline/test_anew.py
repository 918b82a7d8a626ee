"""Both tables dropped and made anew: once, whoever goes on after a kill, and never another's (R17, R19)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import SettingChanged, SourceChanged, TargetMismatch
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.fakes.fuse import Fuse, Killed, guarded, mostly_long
from tests.pipeline.conftest import World, hour
from tests.pipeline.test_crash_points import attempt

ANEW = Request(kind=Kind.RELOAD, run_id="anew", anew=True)
WRITES = 19
"""take, given up, unblocked, begin, object, manifest, staged with release; take; intent, drop, and raw; intent, load;
loaded with intent, drop, and current; intent, merge, applied with release."""
STAGED = 7
FAST = (2, 4, 10, 11, 15, 16, 18)


def changed(world: World) -> None:
    """A read that can't be loaded any more: somebody gave current's column another type."""
    world.sql("INSERT INTO orders VALUES (1, '7', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    for change in ("DROP COLUMN note", "ADD COLUMN note INT64"):
        statement = f"ALTER TABLE `{world.datasets.current}.orders` {change}"
        world.google.bigquery_client().query(statement, location="EU").result()
    world.sql("INSERT INTO orders VALUES (2, '9', 2, '2026-11-01T01:10Z')")
    with pytest.raises(SourceChanged, match=r"floodmark reload --anew shop orders$"):
        world.run("orders", hour(1))


@pytest.mark.slow
def test_the_points_of_death_are_all_there_are(world: World) -> None:
    changed(world)
    fuse = Fuse(10_000, after=False)
    attempt(world, fuse, ANEW)
    assert fuse.calls == WRITES


@pytest.mark.slow
@pytest.mark.parametrize("after", mostly_long([False, True], True), ids=["before", "after"])
@pytest.mark.parametrize("fatal", mostly_long(range(1, WRITES + 1), *FAST))
def test_killed_on_the_way_the_same_command_ends_where_an_unbroken_one_would(
    world: World, fatal: int, after: bool
) -> None:
    changed(world)
    with pytest.raises(Killed):
        attempt(world, Fuse(fatal, after=after), ANEW)
    found = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="again", anew=True))
    if found.pending:
        load(world.table_run("orders"), found.read_at)
    head = world.head("orders")
    assert (head.open, head.holder, head.error) == (None, "", "")
    assert world.current("orders", "id, note") == [(1, "7"), (2, "9")]
    world.sql("INSERT INTO orders VALUES (3, 11, 3, '2026-11-01T02:10Z')")
    world.run("orders", hour(2))
    assert world.current("orders", "id, note") == [(1, "7"), (2, "9"), (3, "11")]


@pytest.mark.slow
@pytest.mark.parametrize("fatal", mostly_long(range(STAGED, WRITES + 1), 10, 16))
def test_killed_once_its_rows_are_staged_any_run_goes_on(world: World, fatal: int) -> None:
    changed(world)
    with pytest.raises(Killed):
        attempt(world, Fuse(fatal, after=True), ANEW)
    world.run("orders", hour(2))
    assert world.current("orders", "id, note") == [(1, "7"), (2, "9")]


@pytest.mark.slow
def test_raw_that_was_dropped_by_hand_is_not_dropped_again_once_it_is_filled(world: World) -> None:
    changed(world)
    world.google.bigquery_client().delete_table(f"{world.datasets.raw}.orders")
    found = extract(world.table_run("orders"), ANEW)
    with pytest.raises(Killed):  # once the rows are in raw
        load(guarded(world.table_run("orders"), Fuse(6, after=True)), found.read_at)
    attempt(world, Fuse(10_000, after=False), ANEW)
    assert world.current("orders", "id, note") == [(1, "7"), (2, "9")]


def test_tables_that_bear_another_ledgers_name_are_not_dropped(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, '7', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    (world.folder / "ledger.db").rename(world.folder / "lost.db")
    found = extract(world.table_run("orders"), ANEW)
    with pytest.raises(TargetMismatch):
        load(world.table_run("orders"), found.read_at)
    assert world.current("orders", "id") == [(1,)]


@pytest.mark.slow
def test_a_current_table_that_was_dropped_is_missed_although_the_last_read_found_nothing(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, '7', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.run("orders", hour(1))
    world.google.bigquery_client().delete_table(f"{world.datasets.current}.orders")
    world.sql("INSERT INTO orders VALUES (2, '9', 2, '2026-11-01T02:10Z')")
    with pytest.raises(TargetMismatch, match=r"is gone, .*floodmark reload --anew shop orders$"):
        world.run("orders", hour(2))
    attempt(world, Fuse(10_000, after=False), ANEW)
    assert world.current("orders", "id") == [(1,), (2,)]


@pytest.mark.slow
def test_another_partitioning_is_mended_by_what_its_message_prints(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, '7', 1, '2026-11-01T00:10Z')")
    world.sql("ALTER TABLE orders ADD made date")
    world.run("orders", hour(0))
    world.tables = "{orders: {partition_by: made}}"
    world.sql("INSERT INTO orders VALUES (2, '9', 2, '2026-11-01T01:10Z')")
    with pytest.raises(SettingChanged, match=r"partition_by.*floodmark reload --anew shop orders$"):
        world.run("orders", hour(1))
    attempt(world, Fuse(10_000, after=False), ANEW)
    assert world.current("orders", "id") == [(1,), (2,)]
