"""A table held still: nothing of its shape, and nothing under its name, changes between snapshot and rows (R1, R2)."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pymysql
import pytest

from floodmark.adapters.mysql import opening
from floodmark.adapters.mysql.reader import Reader
from floodmark.adapters.mysql.reading import MySQLReading
from floodmark.adapters.mysql.source import MySQLSource
from floodmark.core.ports import Selection
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.errors import SourceRefused, SourceUnavailable
from tests.adapters.mysql.conftest import Begin, read_committed
from tests.adapters.mysql.test_look import LEDGER, at

READ_AT = datetime(2026, 11, 2, tzinfo=UTC)


@contextmanager
def held(place: MySQLDatabase, **changes: Any) -> Iterator[MySQLReading]:
    """Table ``t``, open within the block."""
    told = {
        "schema": place.dbname,
        "name": "t",
        "key": ("id",),
        "cursor": ("u",),
        "columns": ("id", "w", "u"),
        **changes,
    }
    with MySQLSource(at(place), LEDGER).open(Selection(**told)) as reading:
        yield reading


def rows(reading: MySQLReading) -> list[tuple[int, int]]:
    """Key and number of every row."""
    found = []
    for batch in reading.rows(None, READ_AT):
        found += list(zip(batch.column("id").to_pylist(), batch.column("w").to_pylist(), strict=True))
    return sorted(found)


def wait_for_lock(place: MySQLDatabase) -> None:
    """Until somebody waits for the lock of a table's definition."""
    shown = "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table metadata lock'"
    while place.sql(shown) != [(1,)]:
        time.sleep(0.01)


SWAPS = {
    "another table under its name": "RENAME TABLE t TO gone, other TO t",
    "another table's rows in its partition": "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE other",
    "a column more": "ALTER TABLE t ADD x int DEFAULT 5, ALGORITHM = INSTANT",
}


@pytest.mark.parametrize("statement", SWAPS.values(), ids=SWAPS)
def test_whoever_would_change_it_waits_until_it_is_read(table: MySQLDatabase, begin: Begin, statement: str) -> None:
    """Without a holder the snapshot shows the other rows, or another shape, mostly without an error (M13)."""
    if "PARTITION" in statement:
        table.sql("ALTER TABLE t PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN MAXVALUE)")
    table.sql("CREATE TABLE other (id int AUTO_INCREMENT PRIMARY KEY, w int, u timestamp(6) NOT NULL DEFAULT NOW(6))")
    table.sql("INSERT INTO t (w) VALUES (1)", "INSERT INTO other (w) VALUES (2)")
    changer = begin("SET SESSION lock_wait_timeout = 1")
    with held(table) as reading:
        with pytest.raises(pymysql.err.OperationalError, match="1205"), changer.cursor() as cursor:
            cursor.execute(statement)
        begin("INSERT INTO t (w) VALUES (3)")  # writers go on
        assert rows(reading) == [(1, 1)]
    with changer.cursor() as cursor:
        cursor.execute(statement)


def test_the_holder_holds_before_the_snapshot_is_taken(
    table: MySQLDatabase, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A swap that came between the two would give the other table's rows, without an error (M13)."""
    table.sql("CREATE TABLE other LIKE t", "INSERT INTO t (w) VALUES (1)", "INSERT INTO other (w) VALUES (2)")
    changer, run = begin("SET SESSION lock_wait_timeout = 1"), Reader._run

    def swap(reader: Reader, statement: str) -> None:
        run(reader, statement)
        if statement.startswith("START TRANSACTION"):
            with suppress(pymysql.err.OperationalError), changer.cursor() as cursor:
                cursor.execute("RENAME TABLE t TO gone, other TO t")

    monkeypatch.setattr(Reader, "_run", swap)
    with held(table) as reading:
        assert rows(reading) == [(1, 1)]


def test_a_change_that_waits_already_is_let_through_first(table: MySQLDatabase, begin: Begin) -> None:
    """It waits for an older reader; the holder would queue behind it, and the reader behind the holder's wait."""
    table.sql("INSERT INTO t (w) VALUES (1)")
    older, changer = begin("BEGIN", "SELECT * FROM t LIMIT 0"), begin()

    def change() -> None:
        with changer.cursor() as cursor:
            cursor.execute("ALTER TABLE t ADD x int")

    thread = threading.Thread(target=change)
    thread.start()
    wait_for_lock(table)
    with pytest.raises(SourceUnavailable, match="lock"), held(table, lock_timeout=timedelta(seconds=1)):
        pass
    older.rollback()
    thread.join()
    with held(table) as reading:
        assert reading.schema.names == ("id", "w", "u", "x")


def test_all_of_a_reading_is_one_snapshot_whatever_isolation_is_the_accounts(table: MySQLDatabase) -> None:
    """Under READ COMMITTED the words CONSISTENT SNAPSHOT mean nothing, and nobody says so (M14)."""
    table.sql("INSERT INTO t (w) VALUES (1)")
    with read_committed(table), held(table) as reading:
        table.sql("INSERT INTO t (w) VALUES (2)")
        assert rows(reading) == [(1, 1)]


def test_a_change_that_comes_between_holder_and_reader_goes_first(
    table: MySQLDatabase, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would wait for the holder, and the reader's rows for it (M13)."""
    table.sql("INSERT INTO t (w) VALUES (1)")
    changer, run = begin(), Reader._run

    def alter() -> None:
        with changer.cursor() as cursor:
            cursor.execute("ALTER TABLE t ADD x int")

    changes = threading.Thread(target=alter)

    def change(reader: Reader, statement: str) -> None:
        run(reader, statement)
        if statement.startswith("START TRANSACTION") and not changes.ident:
            changes.start()
            wait_for_lock(table)

    monkeypatch.setattr(Reader, "_run", change)
    with held(table) as reading:
        assert reading.schema.names == ("id", "w", "u", "x")
        assert rows(reading) == [(1, 1)]
    changes.join()


def test_a_change_that_comes_before_the_holder_is_in_what_is_read(
    table: MySQLDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The columns are asked for before the table is held, and again then."""
    described = opening.described

    def change(*told: Any) -> Any:
        found = described(*told)
        if "x" not in found.names:
            table.sql("ALTER TABLE t ADD x int")
        return found

    monkeypatch.setattr(opening, "described", change)
    with held(table) as reading:
        assert reading.schema.names == ("id", "w", "u", "x")


def test_a_lost_holder_ends_the_read(table: MySQLDatabase) -> None:
    table.sql("INSERT INTO t (w) VALUES (1)")
    with held(table) as reading:
        table.sql(f"KILL {reading._holder.thread_id()}")
        with pytest.raises(SourceUnavailable):
            rows(reading)


def test_a_table_without_transactions_is_refused_for_slices_and_copied_on_trust(table: MySQLDatabase) -> None:
    table.sql("INSERT INTO t (w) VALUES (1)", "ALTER TABLE t ENGINE = MyISAM")
    with pytest.raises(SourceRefused, match="ENGINE = InnoDB"), held(table):
        pass
    with held(table, cursor=()) as reading:
        assert "MyISAM has no transactions" in reading.assumptions[0]
        assert rows(reading) == [(1, 1)]


def test_where_it_stands_is_told_and_what_it_saw_comes_to_be_on_disk(table: MySQLDatabase) -> None:
    table.sql("INSERT INTO t (w) VALUES (1)")
    with held(table) as reading:
        look = MySQLSource(at(table), LEDGER).look()
        assert reading.snapshot.server == look.server
        assert {"server", "started", "lsn"} <= set(reading.snapshot.place)
        assert (reading.snapshot.base, reading.assumptions) == (None, ())
        assert len(reading.leaves) == 1
        assert reading.durable()


def test_what_an_account_without_process_cannot_show_is_trusted_and_named(table: MySQLDatabase) -> None:
    user = f"u{uuid.uuid4().hex[:8]}"
    table.sql(f"CREATE USER {user}", f"GRANT SELECT ON t TO {user}")
    selection = Selection(schema=table.dbname, name="t", key=("id",), cursor=("u",), columns=("id", "w", "u"))
    with MySQLSource(at(table, user), LEDGER).open(selection) as reading:
        assert ["GRANT PROCESS" in one for one in reading.assumptions] == [True]
    table.sql(f"DROP USER {user}")
