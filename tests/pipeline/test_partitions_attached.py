"""Rows that arrive by catalog have old xids: no arm by xmin finds them; a new physical table is read whole (R11)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.read import Read
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

COLUMNS = "(id bigint NOT NULL, note text, at timestamptz NOT NULL{})"


def last(world: World, table: str) -> Read:
    """The newest applied read."""
    read = world.head(table).last
    assert read is not None
    return read


@pytest.fixture
def parted(world: World) -> World:
    """A partitioned table, sealed for four hours, and a filled table of the same shape that is no part of it yet."""
    world.tables = "{items: {cursor: at}}"
    world.sql(
        f"CREATE TABLE items {COLUMNS.format(', PRIMARY KEY (id)')} PARTITION BY RANGE (id)",
        "CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (100)",
        "INSERT INTO items SELECT g, 'first', timestamptz '2026-11-01T00:10Z' + g * interval '1 hour' "
        "FROM generate_series(0, 3) g",
        f"CREATE TABLE items_2 {COLUMNS.format(', PRIMARY KEY (id)')}",
        "INSERT INTO items_2 SELECT 100 + g, 'second', timestamptz '2026-11-01T00:20Z' + g * interval '1 hour' "
        "FROM generate_series(0, 3) g",
    )
    world.run("items", hour(0, 4))
    return world


def test_a_filled_partition_that_is_attached_is_read_over_all_slices_and_nothing_else_is(parted: World) -> None:
    parted.sql("ALTER TABLE items ATTACH PARTITION items_2 FOR VALUES FROM (100) TO (200)")
    outcome = parted.run("items", hour(4))
    assert (outcome.rows, outcome.late) == (4, 0)
    assert parted.current("items", "id") == parted.source("SELECT id FROM items ORDER BY 1")
    assert any(reason.startswith("new physical tables") for reason in last(parted, "items").reasons)


def test_what_is_written_before_and_after_an_attachment_is_read_once_each(parted: World) -> None:
    parted.sql(
        "INSERT INTO items VALUES (4, 'late', '2026-11-01T03:30Z'), (5, 'asked', '2026-11-01T04:30Z')",
        "ALTER TABLE items ATTACH PARTITION items_2 FOR VALUES FROM (100) TO (200)",
        "INSERT INTO items VALUES (104, 'asked', '2026-11-01T04:40Z')",
    )
    assert parted.run("items", hour(4)).rows == 7
    parted.sql("UPDATE items SET note = 'newer', at = '2026-11-01T05:10Z' WHERE id IN (1, 101)")
    parted.run("items", hour(5))
    rows = "id, note"
    assert parted.current("items", rows) == parted.source(f"SELECT {rows} FROM items ORDER BY 1")


def test_an_attached_partition_moves_no_base_of_the_slices_that_were_not_read_again(parted: World) -> None:
    before = parted.head("items").coverage[0].base
    parted.run("items", hour(4))
    parted.sql("ALTER TABLE items ATTACH PARTITION items_2 FOR VALUES FROM (100) TO (200)")
    parted.run("items", hour(5))
    assert parted.head("items").coverage[0].base == before


def test_a_table_that_is_swapped_by_rename_is_read_whole(parted: World) -> None:
    parted.tables = "{orders: }"
    parted.sql("INSERT INTO orders VALUES (1, 'old', 1, '2026-11-01T00:10Z')")
    parted.run("orders", hour(0, 4))
    parted.sql(
        "CREATE TABLE orders_new (LIKE orders INCLUDING ALL)",
        "INSERT INTO orders_new VALUES (1, 'new', 1, '2026-11-01T00:10Z'), (2, 'more', 1, '2026-11-01T02:10Z')",
    )
    parted.run("orders", hour(4))
    parted.sql(
        "BEGIN; ALTER TABLE orders RENAME TO orders_old; ALTER TABLE orders_new RENAME TO orders; COMMIT",
    )
    parted.run("orders", hour(5))
    assert parted.current("orders", "id, note") == parted.source("SELECT id, note FROM orders ORDER BY 1")


def test_an_append_table_takes_in_the_intervals_of_an_attached_partition(world: World) -> None:
    world.tables = "{events: {sync: append, cursor: at}}"
    world.sql(
        f"CREATE TABLE events {COLUMNS.format('')} PARTITION BY RANGE (id)",
        "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100)",
        "INSERT INTO events VALUES (1, 'a', '2026-11-01T00:10Z'), (2, 'b', '2026-11-01T01:10Z')",
        f"CREATE TABLE events_2 {COLUMNS.format('')}",
        "INSERT INTO events_2 VALUES (101, 'a', '2026-11-01T00:20Z')",
    )
    for number in range(3):
        world.run("events", hour(number))
    world.sql("ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (100) TO (200)")
    assert world.run("events", hour(3)).late == 0
    assert world.current("events", "id") == [(1,), (2,), (101,)]
    assert [span.fresh for span in last(world, "events").spans] == [1, 0, None]
