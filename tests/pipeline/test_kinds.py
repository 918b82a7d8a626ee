"""The other ways to sync: full refresh, append, soft deletes, reload, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused
from tests.pipeline.conftest import START, World, hour

LONG_AGO = Interval(low=START - timedelta(days=30), high=START)


def test_a_full_refresh_replaces_the_table_and_forgets_what_is_gone(world: World) -> None:
    world.tables = "{products: }"
    world.sql("CREATE TABLE products (id int PRIMARY KEY, name text)", "INSERT INTO products VALUES (1,'a'), (2,'b')")
    assert world.run("products", hour(0)).changed
    world.sql(
        "DELETE FROM products WHERE id = 1", "UPDATE products SET name = 'B'", "INSERT INTO products VALUES (3,'c')"
    )
    assert world.run("products", hour(1)).changed
    assert world.current("products", "id, name") == [(2, "B"), (3, "c")]


def test_a_refresh_that_finds_the_same_leaves_the_target_alone(world: World) -> None:
    world.tables = "{products: }"
    world.sql("CREATE TABLE products (id int PRIMARY KEY, name text)", "INSERT INTO products VALUES (1,'a'), (2,'b')")
    world.run("products", hour(0))
    assert not world.run("products", hour(1)).changed
    assert len(world.raw("products")) == 2


def test_a_refresh_mends_a_target_that_somebody_touched(world: World) -> None:
    world.tables = "{products: }"
    world.sql("CREATE TABLE products (id int PRIMARY KEY, name text)", "INSERT INTO products VALUES (1,'a'), (2,'b')")
    world.run("products", hour(0))
    world.google.bigquery_client().query(f"DELETE FROM `{world.datasets.current}.products` WHERE id = 1").result()
    assert world.run("products", hour(1)).changed
    assert world.current("products", "id") == [(1,), (2,)]


def test_a_table_that_was_emptied_is_empty_in_the_target(world: World) -> None:
    world.tables = "{products: }"
    world.sql("CREATE TABLE products (id int PRIMARY KEY, name text)", "INSERT INTO products VALUES (1,'a')")
    world.run("products", hour(0))
    world.sql("DELETE FROM products")
    world.run("products", hour(1))
    assert world.current("products", "id") == []


@pytest.mark.parametrize(("kind", "shown"), [("timestamptz", "TIMESTAMP"), ("timestamp", "DATETIME")])
def test_an_append_table_that_is_cut_by_its_cursor_is_touched_only_in_its_interval(
    world: World, kind: str, shown: str
) -> None:
    """R20: in every arm of the statement, and as the zone's clock shows it."""
    world.tables = "{events: {sync: append, cursor: at, partition_by: at, cadence: 1d, timezone: Europe/Berlin}}"
    world.sql(
        f"CREATE TABLE events (kind text, at {kind} NOT NULL)",
        "INSERT INTO events VALUES ('a', '2026-11-02 05:00'), ('b', '2026-11-03 05:00')",
    )
    for day in (1, 2):
        world.run("events", hour(day * 24, 24))
    world.sql("UPDATE events SET kind = 'A' WHERE kind = 'a'")
    world.run("events", hour(24, 24), run_id="again")
    assert world.current("events", "kind") == [("A",), ("b",)]
    run = world.table_run("events")
    for read in run.ports.ledger.reads(run.target):
        text = read.effects[-1].configuration["query"]["query"]
        assert text.count(f"_n.`at` >= {shown} '2026-11-0") == 1
        assert text.count(f"_t.`at` >= {shown} '2026-11-0") == 1


@pytest.mark.parametrize("again", [1, 2])
def test_append_replaces_the_interval_that_it_read(world: World, again: int) -> None:
    world.tables = "{events: {sync: append, cursor: at}}"
    world.sql(
        "CREATE TABLE events (kind text, at timestamptz NOT NULL)",
        "INSERT INTO events VALUES ('a', '2026-11-01T00:10Z'), ('a', '2026-11-01T00:10Z'), ('b', '2026-11-01T01:10Z')",
    )
    for _ in range(again):
        world.run("events", hour(0))
        world.run("events", hour(1))
    assert world.current("events", "kind") == [("a",), ("a",), ("b",)]


def test_a_late_row_of_an_append_table_is_read_with_its_interval(world: World) -> None:
    world.tables = "{events: {sync: append, cursor: at}}"
    world.sql(
        "CREATE TABLE events (kind text, at timestamptz NOT NULL)",
        "INSERT INTO events VALUES ('a', '2026-11-01T00:10Z')",
    )
    world.run("events", hour(0))
    world.sql("INSERT INTO events VALUES ('late', '2026-11-01T00:20Z')")
    world.run("events", hour(1))
    assert world.current("events", "kind") == [("a",), ("late",)]


def test_a_soft_delete_leaves_current_and_a_row_that_comes_back_is_back(world: World) -> None:
    world.tables = "{orders: {deletes: {soft: deleted_at}}}"
    world.sql(
        "ALTER TABLE orders ADD deleted_at timestamptz",
        "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z'), (2, 'b', 1, '2026-11-01T00:10Z')",
    )
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET deleted_at = '2026-11-01T01:10Z', updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(2,)]
    world.sql("UPDATE orders SET deleted_at = NULL, updated_at = '2026-11-01T02:10Z' WHERE id = 1")
    world.run("orders", hour(2))
    assert world.current("orders", "id") == [(1,), (2,)]
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(1,), (2,)]


def test_a_flagged_delete_stays_and_says_so(world: World) -> None:
    world.tables = "{orders: {deletes: {soft: gone, mode: flag}}}"
    world.sql("ALTER TABLE orders ADD gone bool", "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z', true)")
    world.run("orders", hour(0))
    assert world.current("orders", "id, _floodmark_deleted") == [(1, True)]


def test_a_reload_takes_everything_and_the_slices_go_on_from_it(world: World) -> None:
    world.sql(
        "INSERT INTO orders SELECT g, 'old', 1, timestamptz '2026-10-01' + g * interval '1 hour' "
        "FROM generate_series(1, 50) g"
    )
    assert world.run("orders", None, Kind.RELOAD).rows == 50
    world.sql("DELETE FROM orders WHERE id = 1", "UPDATE orders SET note = 'x' WHERE id = 2")
    world.run("orders", None, Kind.RELOAD, run_id="again")
    rows = world.current("orders", "id, note")
    assert (len(rows), rows[0]) == (49, (2, "x"))
    assert world.head("orders").coverage[0].interval.low == START


def test_partitions_are_touched_only_where_rows_changed(world: World) -> None:
    world.tables = "{orders: {partition_by: created_at}}"
    world.sql(
        "ALTER TABLE orders ADD created_at timestamptz",
        "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z', '2026-10-05T12:00Z'), "
        "(2, 'b', 1, '2026-11-01T00:10Z', NULL)",
    )
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = note || '!', updated_at = '2026-11-01T01:10Z'")
    world.run("orders", hour(1))
    assert world.current("orders", "id, note") == [(1, "a!"), (2, "b!")]
    query = world.table_run("orders").ports.ledger.reads(world.table_run("orders").target)[-1].effects[-1].configuration
    assert "2026-10-05" in query["query"]["query"]


def test_null_cursors_are_refused_included_or_left_out_as_declared(world: World) -> None:
    world.sql(
        "ALTER TABLE orders ALTER updated_at DROP NOT NULL",
        "INSERT INTO orders VALUES (1, 'a', 1, NULL), (2, 'b', 1, '2026-11-01T00:10Z')",
    )
    with pytest.raises(SourceRefused, match="null_cursor"):
        world.run("orders", hour(0))
    assert world.head("orders").error
    world.tables = "{orders: {null_cursor: ignore}}"
    world.run("orders", hour(0))
    assert world.current("orders", "id") == [(2,)]
    world.tables = "{orders: {null_cursor: include}}"
    world.run("orders", hour(0))
    assert world.current("orders", "id") == [(1,), (2,)]
    assert world.head("orders").error == ""


def test_a_column_that_the_source_gains_is_gained_by_both_tables(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.sql(
        "ALTER TABLE orders ADD colour text",
        "INSERT INTO orders VALUES (2, 'b', 1, '2026-11-01T01:10Z', 'red')",
    )
    world.run("orders", hour(1))
    assert world.current("orders", "id, colour") == [(1, None), (2, "red")]


def test_a_cursor_may_fall_back_on_a_second_column(world: World) -> None:
    world.tables = "{items: {cursor: [updated_at, created_at]}}"
    world.sql(
        "CREATE TABLE items "
        "(a int, b int, updated_at timestamptz, created_at timestamptz NOT NULL, PRIMARY KEY (a, b))",
        "INSERT INTO items VALUES (1, 1, NULL, '2026-11-01T00:10Z'), (1, 2, '2026-11-01T00:20Z', '2026-10-01T00:10Z'), "
        "(2, 1, '2026-11-01T01:20Z', '2026-11-01T00:30Z')",
    )
    world.run("items", hour(0))
    assert world.current("items", "a, b", "1, 2") == [(1, 1), (1, 2)]
    world.run("items", hour(1))
    assert world.current("items", "a, b", "1, 2") == [(1, 1), (1, 2), (2, 1)]
