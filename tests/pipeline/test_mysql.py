"""The whole pipeline over a MySQL source: each sync, late changes, deletes, reloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.errors import ConfigurationError
from tests.conftest import Datasets
from tests.pipeline.conftest import hour
from tests.pipeline.mysql_world import MySQLWorld
from tests.pipeline.reconciling import compared, counts

ORDERS = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, note text, amount decimal(12,2), at_day date, ratio double, "
    "updated_at timestamp(6) NOT NULL, KEY (updated_at))"
)


AT = "'2026-11-01 00:10'"


def put(key: int, note: str, minute: int, *, day: str = "2026-10-31") -> str:
    """A row of ``orders`` written in some minute after START."""
    at = f"2026-11-01 {minute // 60:02}:{minute % 60:02}:00"
    return f"REPLACE INTO orders VALUES ({key}, '{note}', 1.50, '{day}', 0.1, '{at}')"


@pytest.fixture
def shop(
    mysql_database: MySQLDatabase, datasets: Datasets, google: GoogleServers, bucket: str, tmp_path: Path
) -> Iterator[MySQLWorld]:
    """A source with one keyed table."""
    world = MySQLWorld(
        database=cast("Database", mysql_database), datasets=datasets, google=google, bucket=bucket, folder=tmp_path
    )
    world.sql(ORDERS)
    yield world
    world.close()


def notes(world: MySQLWorld) -> list[tuple[Any, ...]]:
    return world.current("orders", "id, note")


def test_slices_flow_and_a_changed_row_is_its_last_version(shop: MySQLWorld) -> None:
    shop.sql(put(1, "a", 10), put(2, "it''s \"b\", really", 20), put(9223372036854775807, "largest", 70))
    assert shop.run("orders", hour(0)).state == "applied"
    assert notes(shop) == [(1, "a"), (2, 'it\'s "b", really')]

    shop.sql(put(1, "changed", 80))
    shop.run("orders", hour(1))
    assert notes(shop) == [(1, "changed"), (2, 'it\'s "b", really'), (9223372036854775807, "largest")]
    kept = "CAST(amount AS STRING), CAST(at_day AS STRING), ratio, CAST(updated_at AS STRING)"
    assert shop.current("orders", kept, "id")[1] == ("1.500000000", "2026-10-31", 0.1, "2026-11-01 00:20:00+00")


def test_a_row_that_no_look_could_have_proved_is_read_again(shop: MySQLWorld) -> None:
    """It turns up in an hour that was read already."""
    shop.sql(put(1, "a", 10))
    shop.run("orders", hour(0))
    shop.sql(put(2, "late", 20))
    assert shop.run("orders", hour(1)).late == 1
    assert notes(shop) == [(1, "a"), (2, "late")]


def test_a_full_copy_a_reload_and_what_is_gone(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {sync: full}}"
    shop.sql(put(1, "a", 10), put(2, "b", 20))
    shop.run("orders", None, Kind.REFRESH)
    shop.sql("DELETE FROM orders WHERE id = 1")
    shop.run("orders", None, Kind.REFRESH)
    assert notes(shop) == [(2, "b")]


def test_a_reload_takes_everything_and_the_slices_go_on_from_it(shop: MySQLWorld) -> None:
    shop.sql(put(1, "a", 10), put(2, "b", 20))
    shop.run("orders", hour(0))
    shop.sql("DELETE FROM orders WHERE id = 1")
    shop.run("orders", hour(1), Kind.RELOAD)
    shop.sql(put(3, "c", 70))
    shop.run("orders", hour(1))
    assert notes(shop) == [(2, "b"), (3, "c")]


def test_append_replaces_the_interval_that_it_read(shop: MySQLWorld) -> None:
    shop.tables = "{events: {sync: append, cursor: created_at}}"
    shop.sql(
        "CREATE TABLE events (what varchar(20), created_at datetime(6) NOT NULL, KEY (created_at))",
        "INSERT INTO events VALUES ('a', '2026-11-01 00:10'), ('a', '2026-11-01 00:10'), ('b', '2026-11-01 01:10')",
    )
    for _ in range(2):
        shop.run("events", hour(0))
    shop.run("events", hour(1))
    assert shop.current("events", "what") == [("a",), ("a",), ("b",)]


def test_a_soft_delete_leaves_current_and_a_row_that_comes_back_is_back(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {deletes: {soft: deleted_at}}}"
    shop.sql("ALTER TABLE orders ADD deleted_at datetime", "INSERT INTO orders (id, updated_at) VALUES "
             "(1, '2026-11-01 00:10'), (2, '2026-11-01 00:10')")  # fmt: skip
    shop.run("orders", hour(0))
    shop.sql("UPDATE orders SET deleted_at = NOW(), updated_at = '2026-11-01 01:10' WHERE id = 1")
    shop.run("orders", hour(1))
    assert shop.current("orders", "id") == [(2,)]
    shop.sql("UPDATE orders SET deleted_at = NULL, updated_at = '2026-11-01 02:10' WHERE id = 1")
    shop.run("orders", hour(2))
    assert shop.current("orders", "id") == [(1,), (2,)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bool", "bit(1)"])
def test_a_flag_that_mysql_calls_bool_deletes_softly_where_it_is_true(shop: MySQLWorld, kind: str) -> None:
    """It is a number there: 0 and NULL live, whatever else is true."""
    shop.tables = "{orders: {deletes: {soft: is_deleted}}}"
    true = 1 if kind == "bit(1)" else 2
    shop.sql(f"ALTER TABLE orders ADD is_deleted {kind}", "INSERT INTO orders (id, is_deleted, updated_at) VALUES "
             f"(1, 0, {AT}), (2, 1, {AT}), (3, NULL, {AT}), (4, 0, {AT}), (5, {true}, {AT})")  # fmt: skip
    shop.run("orders", hour(0))
    assert shop.current("orders", "id, is_deleted") == [(1, False), (3, None), (4, False)]
    shop.sql("UPDATE orders SET is_deleted = 1 - is_deleted, updated_at = '2026-11-01 01:10' WHERE id < 3",
             "UPDATE orders SET is_deleted = 1, updated_at = '2026-11-01 01:10' WHERE id = 3")  # fmt: skip
    shop.run("orders", hour(1))
    assert shop.current("orders", "id, is_deleted") == [(2, False), (4, False)]
    assert counts(compared(shop)) == (0, 0, 0, 0)


def test_a_row_that_leaves_where_leaves_the_target(shop: MySQLWorld) -> None:
    shop.tables = """{orders: {where: "note <> 'draft'"}}"""
    shop.sql(put(1, "a", 10), put(2, "draft", 20), put(3, "c", 30))
    shop.run("orders", hour(0))
    assert [key for key, _ in notes(shop)] == [1, 3]
    shop.sql(put(1, "draft", 70), put(2, "b", 70))
    shop.run("orders", hour(1))
    assert notes(shop) == [(2, "b"), (3, "c")]


def test_a_zero_date_stands_as_its_own_text_beside_its_row(shop: MySQLWorld) -> None:
    shop.sql("SET sql_mode = ''", put(1, "a", 10, day="0000-00-00"), put(2, "b", 10, day="2026-02-30"))
    shop.sql("SET sql_mode = 'ALLOW_INVALID_DATES'", put(3, "c", 10, day="2026-02-31"), put(4, "d", 10))
    shop.run("orders", hour(0))
    assert shop.current("orders", "id, CAST(at_day AS STRING), _floodmark_unheld") == [
        (1, None, '{"at_day": "0000-00-00"}'),
        (2, None, '{"at_day": "0000-00-00"}'),
        (3, None, '{"at_day": "2026-02-31"}'),
        (4, "2026-10-31", None),
    ]


def test_a_first_load_in_parts_takes_every_row_once(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {first_load: whole, first_load_rows: 2}}"
    shop.sql(*(put(key, f"n{key}", 10) for key in (1, 2, 3, 9007199254740993, 9007199254740992)))
    outcome = shop.run("orders", hour(0), Kind.FIRST)
    while outcome.state == "unfinished":
        outcome = shop.run("orders", hour(0), Kind.FIRST)
    assert len(notes(shop)) == 5


def test_an_own_select_and_masks_come_as_they_are_written(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {mask: {note: sha256, ratio: redact, at_day: {truncate: 4}}}}"
    shop.sql(put(1, "a", 10))
    shop.run("orders", hour(0))
    assert shop.current("orders", "note, ratio, at_day") == [
        ("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "redacted", "2026")
    ]


def test_a_table_without_transactions_has_no_slices(shop: MySQLWorld) -> None:
    shop.sql("ALTER TABLE orders ENGINE = MyISAM", put(1, "a", 10))
    with pytest.raises(ConfigurationError, match=r"tables.orders.sync: .*MyISAM has no transactions.*ENGINE = InnoDB"):
        shop.run("orders", hour(0))
