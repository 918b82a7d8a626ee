"""What a reconcile leaves alone: rows in flight, soft-deleted, quarantined, or never promised (R25)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floodmark.core import reconcile as core
from floodmark.core.ledger.coverage import sealed_up_to
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from tests.pipeline.conftest import START, World, hour
from tests.pipeline.reconciling import compared, counts, healed

pytestmark = pytest.mark.slow


def orders(world: World, rows: int = 4) -> None:
    """Some orders of the first hour, read and sealed."""
    world.sql(
        f"INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, {rows}) g",
    )
    world.run("orders", hour(0))


def test_a_row_changed_or_made_after_the_mark_is_no_difference(world: World) -> None:
    orders(world)
    world.sql(
        "UPDATE orders SET note = 'later', updated_at = '2026-11-01T01:00Z' WHERE id = 1",
        "INSERT INTO orders VALUES (9, 'new', 1, '2026-11-01T05:00Z')",
        "DELETE FROM orders WHERE id = 2",
    )
    assert counts(healed(world)) == (0, 0, 1, 0)
    assert world.current("orders", "id, note") == [(1, "n1"), (3, "n3"), (4, "n4")]


def test_what_an_open_transaction_writes_is_no_difference_before_and_after_its_commit(world: World) -> None:
    world.sql("ALTER TABLE orders ALTER updated_at SET DEFAULT now()")
    writer = world.connect()
    writer.autocommit = False
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO orders (id, note) VALUES (1, 'open')")
    world.sql("INSERT INTO orders (id, note) VALUES (2, 'done'), (3, 'done')")
    now = world.source("SELECT now() + interval '1 s'")[0][0]
    world.run("orders", Interval(low=START, high=now))
    assert counts(compared(world)) == (0, 0, 0, 0)
    writer.commit()
    writer.close()
    assert counts(compared(world)) == (0, 0, 0, 0)
    assert sealed_up_to(world.head("orders").coverage, START) < now
    world.sql("UPDATE orders SET note = 'provisional' WHERE id = 2", "DELETE FROM orders WHERE id = 3")
    assert counts(healed(world)) == (0, 0, 1, 0)
    world.run("orders", None)
    assert world.current("orders", "id, note") == [(1, "open"), (2, "provisional")]


def test_a_day_that_is_not_over_is_not_compared_though_its_morning_is_sealed(world: World) -> None:
    world.tables = "{days: {cursor: day}}"
    world.sql(
        "CREATE TABLE days (id int PRIMARY KEY, day date NOT NULL)",
        "INSERT INTO days VALUES (1, '2026-11-01'), (2, '2026-11-02')",
    )
    world.run("days", hour(0, 30))
    world.sql("INSERT INTO days VALUES (3, '2026-11-02')", "INSERT INTO days VALUES (4, '2026-11-01')")
    found = compared(world, "days")
    assert (counts(found), found.examples["missing"]) == ((1, 0, 0, 0), ("4",))


@pytest.mark.parametrize("mode", ["remove", "flag"])
def test_soft_deletes_are_no_difference_and_one_without_a_moved_cursor_is_healed(world: World, mode: str) -> None:
    world.tables = f"{{orders: {{deletes: {{soft: gone_at, mode: {mode}}}}}}}"
    world.sql("ALTER TABLE orders ADD gone_at timestamptz")
    orders(world)
    world.sql("UPDATE orders SET gone_at = now(), updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    world.run("orders", hour(1))
    assert counts(compared(world)) == (0, 0, 0, 0)
    world.sql("UPDATE orders SET gone_at = now() WHERE id = 2", "DELETE FROM orders WHERE id IN (1, 3)")
    found = healed(world)
    kept = {"remove": [(4,)], "flag": [(2,), (4,)]}
    assert counts(found) == (0, 1, 1 if mode == "remove" else 2, 0)
    assert world.current("orders", "id") == kept[mode]


def test_the_old_version_of_a_row_that_is_held_out_goes(world: World) -> None:
    world.tables = "{orders: {bad_values: quarantine}}"
    world.sql("ALTER TABLE orders ADD due date")
    orders(world)
    world.sql(
        "UPDATE orders SET due = 'infinity', updated_at = '2026-11-01T01:10Z' WHERE id = 1",
        "UPDATE orders SET due = '0044-03-15 BC' WHERE id = 2",
    )
    world.run("orders", hour(1))
    world.sql("UPDATE orders SET note = 'silent' WHERE id = 3")
    assert counts(healed(world)) == (0, 1, 0, 0)
    assert world.current("orders", "id, note") == [(3, "silent"), (4, "n4")]
    assert counts(compared(world)) == (0, 0, 0, 0)


def test_a_key_that_the_source_has_in_any_state_is_never_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its range of keys is looked into because of another."""
    monkeypatch.setattr(core, "differing", lambda source, target: tuple(sorted({*source, *target})))
    world.sql("ALTER TABLE orders ADD due date, ALTER updated_at DROP NOT NULL")
    orders(world, 6)
    world.tables = "{orders: {null_cursor: ignore}}"
    world.sql(
        "UPDATE orders SET updated_at = '2026-11-01T05:00Z' WHERE id = 1",
        "UPDATE orders SET due = 'infinity' WHERE id = 2",
        "UPDATE orders SET updated_at = NULL WHERE id = 3",
        "UPDATE orders SET updated_at = '2026-10-01' WHERE id = 4",
        "DELETE FROM orders WHERE id = 5",
    )
    assert counts(healed(world)) == (0, 1, 1, 0)
    assert world.current("orders", "id, note") == [(1, "n1"), (2, "n2"), (3, "n3"), (4, "n4"), (6, "n6")]


def test_rows_from_before_the_start_are_compared_only_where_a_reload_brought_them(world: World) -> None:
    world.sql("INSERT INTO orders SELECT g, 'old', g, '2026-10-01T00:10Z' FROM generate_series(101, 103) g")
    orders(world)
    world.sql("UPDATE orders SET note = 'silent' WHERE id IN (1, 101)")
    assert counts(healed(world)) == (0, 1, 0, 0)
    assert world.current("orders", "id") == [(1,), (2,), (3,), (4,)]
    world.run("orders", None, Kind.RELOAD)
    world.sql("UPDATE orders SET note = 'again' WHERE id = 101", "DELETE FROM orders WHERE id = 102")
    assert counts(healed(world)) == (0, 1, 1, 0)
    assert world.current("orders", "id, note")[4:] == [(101, "again"), (103, "old")]


@pytest.mark.parametrize("null_cursor", ["ignore", "include"])
def test_rows_without_a_cursor_are_no_difference_but_found_gone(world: World, null_cursor: str) -> None:
    world.tables = f"{{orders: {{null_cursor: {null_cursor}}}}}"
    world.sql(
        "ALTER TABLE orders ALTER updated_at DROP NOT NULL",
        "INSERT INTO orders VALUES (8, 'none', 1, NULL), (9, 'never', 1, 'infinity')",
    )
    orders(world)
    assert counts(compared(world)) == (0, 0, 0, 0)
    world.sql("UPDATE orders SET note = 'x' WHERE id = 8")
    assert counts(compared(world)) == (0, 0, 0, 0)
    world.sql("DELETE FROM orders WHERE id = 8")
    assert counts(healed(world)) == (0, 0, 1 if null_cursor == "include" else 0, 0)
    assert world.current("orders", "id") == [(1,), (2,), (3,), (4,)]


def test_rows_of_a_gap_are_no_difference(world: World) -> None:
    orders(world)
    world.sql("INSERT INTO orders VALUES (8, 'gap', 1, '2026-11-01T01:10Z'), (9, 'c', 1, '2026-11-01T02:10Z')")
    world.run("orders", hour(2))
    world.sql("UPDATE orders SET note = 'silent' WHERE id = 9")
    assert counts(healed(world)) == (0, 1, 0, 0)
    assert world.current("orders", "id, note")[-1] == (9, "silent")
    world.run("orders", hour(1))
    assert world.current("orders", "id")[-2:] == [(8,), (9,)]


def test_a_row_that_where_does_not_select_any_more_is_gone(world: World) -> None:
    world.tables = '{orders: {where: "amount > 0"}}'
    orders(world)
    world.sql("UPDATE orders SET amount = 0, updated_at = '2026-11-01T05:00Z' WHERE id = 2")
    assert counts(healed(world)) == (0, 0, 1, 0)
    assert world.current("orders", "id") == [(1,), (3,), (4,)]


def test_a_select_of_ones_own_is_compared_by_the_key_that_is_given(world: World) -> None:
    world.tables = "{mine: {from: orders, sql: mine.sql, key: id, cursor: updated_at}}"
    own = "SELECT id, note || '!' AS note, amount, updated_at FROM orders WHERE id > 1"
    world.sql("INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, 4) g")
    world.run("mine", hour(0), own_select=lambda: own)
    world.sql("DELETE FROM orders WHERE id IN (1, 3)", "UPDATE orders SET note = 'silent' WHERE id = 4")
    assert counts(healed(world, "mine", own_select=lambda: own)) == (0, 1, 1, 0)
    assert world.current("mine", "id, note") == [(2, "n2!"), (4, "silent!")]


def test_local_times_are_compared_and_the_hour_that_comes_twice_too(world: World) -> None:
    world.tables = "{things: {cursor: at, timezone: Europe/Berlin}}"
    world.sql(
        "CREATE TABLE things (id int PRIMARY KEY, at timestamp NOT NULL)",
        "INSERT INTO things SELECT g, timestamp '2026-11-01' + g * interval '30 minutes' FROM generate_series(2, 9) g",
    )
    world.run("things", hour(0, 4))
    assert counts(compared(world, "things")) == (0, 0, 0, 0)
    world.sql("DELETE FROM things WHERE id IN (4, 9)")
    assert counts(healed(world, "things")) == (0, 0, 2, 0)


def test_columns_that_current_lacks_are_null_there(world: World) -> None:
    orders(world)
    world.sql("ALTER TABLE orders ADD size int", "DELETE FROM orders WHERE id = 1")
    assert counts(compared(world)) == (0, 0, 1, 0)
    world.sql("ALTER TABLE orders ADD colour text DEFAULT 'red'")
    assert counts(compared(world)) == (0, 3, 1, 0)


def test_a_value_in_a_column_that_current_lacks_differs_though_its_cursor_did_not_move(world: World) -> None:
    orders(world)
    world.sql("ALTER TABLE orders ADD size text", "UPDATE orders SET size = 'XL' WHERE id = 2")
    assert counts(healed(world)) == (0, 1, 0, 0)
    assert world.current("orders", "id, size") == [(1, None), (2, "XL"), (3, None), (4, None)]


def test_a_reconcile_brings_columns_that_current_lacks(world: World) -> None:
    orders(world)
    world.sql("ALTER TABLE orders ADD colour text DEFAULT 'red'")
    assert counts(healed(world)) == (0, 4, 0, 0)
    assert world.current("orders", "id, colour") == [(1, "red"), (2, "red"), (3, "red"), (4, "red")]
    assert counts(compared(world)) == (0, 0, 0, 0)


def test_what_rows_lack_of_a_new_column_is_forgotten_once_a_reconcile_has_brought_it(world: World) -> None:
    orders(world)
    world.sql("ALTER TABLE orders ADD colour text DEFAULT 'red'", "DELETE FROM orders WHERE id = 1")
    world.sql("UPDATE orders SET updated_at = '2026-11-01T01:10Z' WHERE id = 2")
    world.run("orders", hour(1))
    last = world.head("orders").last
    assert last is not None
    assert [one.column for one in last.partial] == ["colour"]
    assert counts(healed(world)) == (0, 2, 1, 0)
    assert world.current("orders", "id, colour") == [(2, "red"), (3, "red"), (4, "red")]
    last = world.head("orders").last
    assert last is not None
    assert last.partial == ()


def test_an_hour_that_was_read_too_early_is_compared_once_it_is_sealed(world: World) -> None:
    orders(world)
    later = Interval(low=START, high=START + timedelta(days=3650))
    world.run("orders", later)
    world.sql("UPDATE orders SET note = 'x', updated_at = now() + interval '1 day' WHERE id = 1")
    assert counts(compared(world)) == (0, 0, 0, 0)
