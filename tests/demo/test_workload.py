"""The shop has a history with its own timestamps, and a life in which transactions commit late."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from floodmark.core.time.cadence import Every
from floodmark.demo import shop
from floodmark.demo.workload import Workload

END = datetime(2026, 11, 1, 12, tzinfo=UTC)
HISTORY = shop.History(start=END - timedelta(hours=3), end=END, orders_per_hour=100)


@pytest.fixture
def connection(database: Any) -> Iterator[Any]:
    with contextlib.closing(psycopg2.connect(database.dsn)) as connection:
        shop.create(connection)
        yield connection


def asked(connection: Any, query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def test_a_history_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert HISTORY.rows() == HISTORY.rows()
    assert HISTORY.rows() != shop.History(start=HISTORY.start, end=END, orders_per_hour=100, seed=2).rows()


def test_a_history_keeps_its_own_timestamps(connection: Any) -> None:
    rows = HISTORY.write(connection)
    assert rows["orders"] == 300
    low, high, hours = asked(
        connection,
        "SELECT min(updated_at), max(updated_at), count(DISTINCT date_trunc('hour', updated_at)) FROM orders",
    )
    assert HISTORY.start <= low < high < END
    assert hours == 3


def test_a_history_has_what_is_easily_confused(connection: Any) -> None:
    HISTORY.write(connection)
    empty, null = asked(
        connection,
        "SELECT count(*) FILTER (WHERE nickname = ''), count(*) FILTER (WHERE nickname IS NULL) FROM customers",
    )
    assert empty
    assert null
    assert asked(connection, "SELECT count(*) FROM customers WHERE deleted_at IS NOT NULL")[0]
    assert asked(connection, "SELECT count(*) FROM order_items WHERE updated_at IS NULL")[0]


def test_new_orders_come_after_the_history(connection: Any) -> None:
    HISTORY.write(connection)
    assert asked(connection, "SELECT nextval(pg_get_serial_sequence('orders', 'id'))")[0] == 301


@pytest.fixture
def lived(connection: Any, database: Any) -> Workload:
    """Three boundaries of two seconds."""
    HISTORY.write(connection)
    with Workload(dsn=database.dsn, boundary=timedelta(seconds=2), rate=40) as workload:
        time.sleep(6)
    return workload


@pytest.mark.slow
def test_the_shop_does_all_that_a_watermark_can_trip_over(lived: Workload, connection: Any) -> None:
    done = lived.tally
    assert done["transactions"] > 60
    assert done["late commits"] >= 3
    for kind in ("savepoints", "rollbacks", "several in one message", "prepared", "price changes"):
        assert done[kind], kind
    assert asked(connection, "SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()") == (0,)
    assert asked(connection, "SELECT count(*) FROM orders WHERE updated_at > '2026-11-01 12:00+00'")[0] > 10


@pytest.mark.slow
def test_late_rows_bear_a_time_before_their_commit(connection: Any, database: Any) -> None:
    """A look at what is visible just after a boundary misses rows below it, which are there a moment later."""
    HISTORY.write(connection)
    width = timedelta(seconds=2)
    missed = 0
    with Workload(dsn=database.dsn, boundary=width):
        for _ in range(3):
            edge = Every(width).after(datetime.now(UTC))
            time.sleep((edge - datetime.now(UTC)).total_seconds() + 0.05)
            query = f"SELECT count(*) FROM events WHERE created_at < '{edge.isoformat()}'"
            early = asked(connection, query)[0]
            time.sleep(1.8)
            missed += asked(connection, query)[0] - early
    assert missed > 0


@pytest.mark.slow
def test_prices_stand_still_once_held(connection: Any, database: Any) -> None:
    HISTORY.write(connection)
    with Workload(dsn=database.dsn) as workload:
        while not workload.tally["price changes"]:
            time.sleep(0.1)
        workload.hold_prices()
        before = asked(connection, "SELECT sum(price) FROM products")
        time.sleep(2.5)
        assert asked(connection, "SELECT sum(price) FROM products") == before


@pytest.mark.slow
def test_a_writer_that_fails_is_not_passed_over(connection: Any, database: Any) -> None:
    HISTORY.write(connection)
    workload = Workload(dsn=database.dsn).start()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE events")
    connection.commit()
    time.sleep(2)
    with pytest.raises(psycopg2.errors.UndefinedTable):
        workload.stop()
