"""What MySQL's looks prove, through the whole pipeline: who holds a slice back, and what reading it again finds."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from floodmark.core.ledger.coverage import sealed_up_to
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.watermark import Basis
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.conftest import Datasets
from tests.pipeline.conftest import START
from tests.pipeline.mysql_world import MySQLWorld

ORDERS = (
    "CREATE TABLE orders (id bigint PRIMARY KEY, note text, "
    "updated_at timestamp(3) NOT NULL DEFAULT now(3) ON UPDATE now(3), KEY (updated_at))"
)
INSERT = "INSERT INTO orders (id, note) VALUES ({}, '{}')"


@pytest.fixture
def shop(
    mysql_database: MySQLDatabase, datasets: Datasets, google: GoogleServers, bucket: str, tmp_path: Path
) -> Iterator[MySQLWorld]:
    """A source with one table, whose cursor the database writes."""
    world = MySQLWorld(
        database=cast("Database", mysql_database), datasets=datasets, google=google, bucket=bucket, folder=tmp_path,
        tables="{orders: {recheck: 0}}",
    )  # fmt: skip
    world.sql(ORDERS)
    yield world
    world.close()


@contextmanager
def session(world: MySQLWorld, *statements: str) -> Iterator[Any]:
    """A cursor in a session that has run these."""
    with world.place_of_source.connect() as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield cursor


def so_far(world: MySQLWorld) -> Interval:
    """From START to the end of the source's present second, which has come."""
    [(now,)] = world.source("SELECT UTC_TIMESTAMP(6)")
    high = now.replace(tzinfo=UTC, microsecond=0) + timedelta(seconds=1)
    world.source(f"SELECT SLEEP({(high - now.replace(tzinfo=UTC)).total_seconds():f})")
    return Interval(low=START, high=high)


def last(world: MySQLWorld) -> Read:
    found = world.head("orders").last
    assert found is not None
    return found


def notes(world: MySQLWorld) -> list[tuple[Any, ...]]:
    return world.current("orders", "id, note")


def test_a_commit_that_comes_late_is_held_back_and_then_read_from_the_watermark_on(shop: MySQLWorld) -> None:
    """R4, R9, R10: an hour-old row is not read again; what the transaction wrote is, and was never late."""
    shop.sql(INSERT.format(1, "old"), "UPDATE orders SET updated_at = '2026-11-01 00:10:00'")
    with session(shop, "BEGIN", INSERT.format(2, "late")) as writer:
        shop.sql(INSERT.format(3, "seen"))
        asked = so_far(shop)
        assert shop.run("orders", asked).rows == 2
        assert (last(shop).basis, last(shop).reasons) == (Basis.PROVED, ())
        [holder] = last(shop).held_by
        assert holder.pid == writer.connection.thread_id()
        held = last(shop).watermark
        assert held is not None
        assert held < asked.high
        writer.execute("COMMIT")
    again = shop.run("orders", None)
    assert (again.rows, again.late) == (2, 0)
    assert [span.interval.low for span in last(shop).spans] == [held]
    assert notes(shop) == [(1, "old"), (2, "late"), (3, "seen")]
    assert sealed_up_to(shop.head("orders").coverage, START) == asked.high
    assert last(shop).seen is not None  # what the next look is held against
    assert shop.run("orders", None).rows == 0


def test_a_row_whose_writer_says_now_without_a_fraction_is_not_before_what_is_read_again(shop: MySQLWorld) -> None:
    """M2: NOW() bears whole seconds, in a column of thousandths too, and so lies before its statement's start."""
    shop.sql(INSERT.format(1, "old"))
    shop.run("orders", so_far(shop))
    seen = last(shop).seen
    assert seen is not None
    truncated = f"'{seen.clock:%Y-%m-%d %H:%M:%S}'"  # what NOW() says in the rest of the second of the look
    with session(shop, "BEGIN", f"INSERT INTO orders VALUES (2, 'late', {truncated})") as writer:
        shop.run("orders", so_far(shop), run_id="next")
        writer.execute("COMMIT")
    shop.run("orders", None)
    assert notes(shop) == [(1, "old"), (2, "late")]


def test_a_prepared_transaction_blocks_until_it_ends(shop: MySQLWorld) -> None:
    name = uuid.uuid4().hex
    with session(shop, f"XA START '{name}'", INSERT.format(1, "a"), f"XA END '{name}'", f"XA PREPARE '{name}'"):
        pass
    first = shop.run("orders", asked := so_far(shop))
    assert (first.watermark, first.rows) == ("", 0)
    assert name in last(shop).reasons[0]
    shop.sql(f"XA COMMIT '{name}'")
    shop.run("orders", None)
    assert notes(shop) == [(1, "a")]
    assert sealed_up_to(shop.head("orders").coverage, START) == asked.high


def test_sessions_that_cannot_be_seen_block_until_the_account_may(shop: MySQLWorld) -> None:
    user = f"u{uuid.uuid4().hex[:8]}"
    shop.sql(f"CREATE USER {user}", f"GRANT SELECT ON orders TO {user}", INSERT.format(1, "a"))
    shop.reads = replace(shop.place_of_source, user=user, password="").dsn
    assert (shop.run("orders", asked := so_far(shop)).watermark, notes(shop)) == ("", [(1, "a")])
    assert f"GRANT PROCESS ON *.* TO '{user}'@'%'" in last(shop).reasons[0]
    shop.sql(f"GRANT PROCESS ON *.* TO {user}")
    shop.run("orders", None)
    assert sealed_up_to(shop.head("orders").coverage, START) == asked.high
    assert last(shop).basis is Basis.PROVED
    shop.sql(f"DROP USER {user}")


def test_a_table_that_is_swapped_by_rename_is_read_whole(shop: MySQLWorld) -> None:
    """R11: its rows lie in hours that were sealed long ago."""
    shop.sql(INSERT.format(1, "old"), f"{ORDERS.replace('orders', 'other')}")
    shop.run("orders", so_far(shop))
    shop.sql("INSERT INTO other VALUES (2, 'swapped in', '2026-11-01 00:10:00')")
    shop.sql("RENAME TABLE orders TO gone, other TO orders")
    shop.run("orders", Interval(low=datetime(2026, 11, 2, tzinfo=UTC), high=so_far(shop).high), run_id="next")
    assert notes(shop) == [(2, "swapped in")]
    assert last(shop).late == 0
