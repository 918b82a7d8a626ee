"""A table that something else filled is taken over where it equals the source, and the ledger begins there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from floodmark.errors import AdoptedChanged, ConfigurationError, KeysDoubled, TargetMismatch
from floodmark.pipeline.adopt import Adoption, adopt
from tests.fakes.fuse import SOON, Fuse, Killed, guarded, mostly_long
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts

ROWS = [(number, f"n{number}", number, f"2026-11-01T{number:02}:10:00Z") for number in range(1, 6)]


def bigquery(world: World, sql: str) -> None:
    """A statement of whoever fills the old table."""
    world.google.bigquery_client().query(sql, location="EU").result()


def old(world: World, name: str = "before") -> str:
    """Where the old table lies."""
    return f"{world.datasets.project}.{world.datasets.current}.{name}"


@pytest.fixture
def begun(world: World) -> World:
    """Five rows in the source, and the same five in a table as dlt leaves it: columns of its own, wider numbers."""
    world.sql(*(f"INSERT INTO orders VALUES ({i}, '{note}', {amount}, '{at}')" for i, note, amount, at in ROWS))
    bigquery(
        world,
        f"CREATE TABLE `{old(world)}` (id INT64, note STRING, amount NUMERIC, updated_at TIMESTAMP, _dlt_id STRING)",
    )
    for i, note, amount, at in ROWS:
        bigquery(world, f"INSERT INTO `{old(world)}` VALUES ({i}, '{note}', {amount}, TIMESTAMP '{at}', 'x{i}')")
    return world


def taken(world: World, **changes: Any) -> Adoption:
    """One call of the command."""
    return adopt(world.table_run("orders"), f"adopt {world.open_transactions}", origin=old(world), **changes)


@pytest.mark.slow
def test_what_is_equal_is_adopted_and_the_next_run_goes_on_from_there(begun: World) -> None:
    world = begun
    found = taken(world)
    assert found.outcome is not None
    assert (found.rows, found.others, counts_of(found)) == (5, ("_dlt_id",), (0, 0, 0))
    assert found.outcome.sealed_up_to == "2026-11-01T05:10:00+00:00"
    assert world.current("orders", "id, note, amount") == [(i, note, amount) for i, note, amount, _ in ROWS]
    assert len(world.raw("orders", "id")) == 5
    world.sql("INSERT INTO orders VALUES (9, 'new', 9, '2026-11-01T05:10:00Z')", "DELETE FROM orders WHERE id = 5")
    world.run("orders", hour(6))
    assert 9 in [row[0] for row in world.current("orders", "id")]
    assert counts(compared(world)) == (0, 0, 1, 0), "the deleted row alone"
    assert world.current("before", "COUNT(*)") == [(5,)], "the old table is as it was"


@pytest.mark.slow
def test_a_row_that_commits_after_the_adoption_with_an_older_time_is_not_lost(begun: World) -> None:
    """It was open while the old table was read and while it was adopted: no slice of the old way looks there again."""
    world = begun
    world.tables = "{orders: {recheck: 0}}"  # by its seal alone, and not by the look back (R12)
    with world.connect() as late, late.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO orders VALUES (7, 'late', 7, now())")
        world.sql("INSERT INTO orders VALUES (8, 'later', 8, clock_timestamp())")
        [(newest,)] = world.source("SELECT updated_at::text FROM orders WHERE id = 8")
        bigquery(world, f"INSERT INTO `{old(world)}` VALUES (8, 'later', 8, TIMESTAMP '{newest}', 'x8')")
        found = taken(world)
        assert found.outcome is not None
        assert found.outcome.held_by, "told who holds it back"
        cursor.execute("COMMIT")
    world.run("orders", hour(30))
    assert [row[0] for row in world.current("orders", "id")] == [1, 2, 3, 4, 5, 7, 8]


@pytest.mark.slow
def test_what_the_old_table_lacks_yet_is_read_by_the_next_run(begun: World) -> None:
    """It was written before the adoption, and its transaction is older than the adoption's snapshot."""
    world = begun
    world.sql("INSERT INTO orders VALUES (6, 'newer than the old table', 6, '2026-11-01T09:00:00Z')")
    assert taken(world).outcome is not None
    world.run("orders", hour(30))
    assert [row[0] for row in world.current("orders", "id")] == [1, 2, 3, 4, 5, 6]


def counts_of(found: Adoption) -> tuple[int, int, int]:
    """Keys missing, changed and gone."""
    return found.found.missing, found.found.changed, found.found.deleted


def spoil(world: World) -> None:
    """One row of the old table missing, one changed, one that the source doesn't have."""
    bigquery(world, f"DELETE FROM `{old(world)}` WHERE id = 2")
    bigquery(world, f"UPDATE `{old(world)}` SET note = 'stale' WHERE id = 3")
    bigquery(world, f"INSERT INTO `{old(world)}` VALUES (77, 'gone', 7, TIMESTAMP '2026-11-01T02:00:00Z', 'x77')")


@pytest.mark.slow
def test_what_differs_is_named_and_nothing_is_adopted(begun: World) -> None:
    world = begun
    spoil(world)
    found = taken(world)
    assert found.outcome is None
    assert counts_of(found) == (1, 1, 1)
    assert {sort: list(keys) for sort, keys in found.examples.items()} == {
        "missing": ["2"], "changed": ["3"], "deleted": ["77"],
    }  # fmt: skip
    head = world.head("orders")
    assert (head.open, head.last, head.coverage) == (None, None, ())


@pytest.mark.slow
def test_heal_reads_what_differs_from_the_source(begun: World) -> None:
    world = begun
    spoil(world)
    found = taken(world, heal=True)
    assert found.outcome is not None
    assert (found.rows, counts_of(found)) == (3, (1, 1, 1))
    assert world.current("orders", "id, note") == [(i, note) for i, note, _, _ in ROWS]
    assert counts(compared(world)) == (0, 0, 0, 0)


@pytest.mark.parametrize("fatal", mostly_long(range(1, 10), 7, 8))
def test_killed_anywhere_the_same_command_ends_it(begun: World, fatal: int) -> None:
    world = begun
    fuse = Fuse(fatal, after=fatal % 2 == 0)
    with pytest.raises(Killed):
        adopt(guarded(world.table_run("orders", time_to_live=SOON), fuse), "killed", origin=old(world))
    assert adopt(world.table_run("orders", time_to_live=SOON), "again", origin=old(world)).outcome is not None
    assert world.current("orders", "id, note") == [(i, note) for i, note, _, _ in ROWS]
    assert (world.head("orders").open, len(world.raw("orders", "id"))) == (None, 5)
    again = taken(world)
    assert again.outcome is not None, "said again, nothing happens"
    assert len(world.raw("orders", "id")) == 5


@pytest.mark.slow
def test_a_table_that_changes_between_comparison_and_copy_is_not_adopted(begun: World) -> None:
    world = begun

    def write() -> None:
        bigquery(world, f"UPDATE `{old(world)}` SET note = 'other' WHERE id = 1")
        bigquery(world, f"INSERT INTO `{old(world)}` VALUES (6, 'x', 6, TIMESTAMP '2026-11-01T06:00:00Z', 'x6')")

    fuse = Fuse(3, after=True, blow=lambda: (write(), setattr(fuse, "fatal", 10_000))[0])
    with pytest.raises(AdoptedChanged, match="changed since it was compared"):
        adopt(guarded(world.table_run("orders"), fuse), "overtaken", origin=old(world))
    assert world.head("orders").coverage == ()
    assert taken(world).outcome is None, "it differs by now, and says so"


def test_what_cannot_be_taken_over_is_said_with_its_remedy(begun: World) -> None:
    world = begun
    bigquery(world, f"CREATE TABLE `{old(world, 'poor')}` (id INT64, amount BYTES, updated_at TIMESTAMP)")
    with pytest.raises(ConfigurationError) as refused:
        adopt(world.table_run("orders"), "poor", origin=old(world, "poor"))
    assert [(one.path, one.message) for one in refused.value.problems] == [
        ("note", "is not there"), ("amount", "is BYTES, of which no NUMERIC can be made"),
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match="the very name of the table"):
        adopt(world.table_run("orders"), "same", origin=old(world, "orders"))
    exported = world.table_run("orders")
    exported = replace(exported, config=exported.config.model_copy(update={"adapter": "cloudsql"}))
    with pytest.raises(ConfigurationError, match="read by exports"):
        adopt(exported, "exported", origin=old(world))
    with pytest.raises(ConfigurationError, match="there is no table"):
        adopt(world.table_run("orders"), "none", origin=old(world, "nowhere"))


@pytest.mark.slow
def test_a_key_that_stands_twice_is_refused(begun: World) -> None:
    world = begun
    bigquery(world, f"INSERT INTO `{old(world)}` SELECT * FROM `{old(world)}` WHERE id = 4")
    with pytest.raises(KeysDoubled, match="more than once; delete the copies there"):
        taken(world)


def test_a_table_that_floodmark_filled_is_not_adopted(begun: World) -> None:
    world = begun
    world.run("orders", hour(1))
    with pytest.raises(TargetMismatch, match="was filled by this ledger already"):
        taken(world)
