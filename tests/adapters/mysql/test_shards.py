"""Several readers see a table as it was at one moment, and each row is read by one of them (R1)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import pymysql
import pytest

from floodmark.adapters.mysql import opening, shards
from floodmark.adapters.mysql.reader import Reader
from floodmark.adapters.mysql.server import facts
from floodmark.adapters.mysql.shards import Beginning, evenly, of_part, stretches
from floodmark.adapters.mysql.source import MySQLSource
from floodmark.adapters.pace import Pace
from floodmark.core.ledger.manifest import Manifest, StagedObject
from floodmark.core.ledger.portion import Part
from floodmark.core.ports import Rows, Selection
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.adapters.mysql.conftest import Begin
from tests.adapters.mysql.test_look import LEDGER, at
from tests.adapters.test_pace import Clock

READ_AT = datetime(2026, 11, 2, tzinfo=UTC)
ROWS = 400
TOTAL = ROWS * 100


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some rows are enough for several readers."""
    monkeypatch.setattr(shards, "LEAST_ROWS", 50)


@pytest.fixture
def accounts(mysql_database: MySQLDatabase) -> MySQLDatabase:
    """Accounts that have 100 each; whatever moves between them, they have TOTAL together."""
    mysql_database.sql(
        "CREATE TABLE t (id int PRIMARY KEY, balance int NOT NULL, KEY (balance))",
        f"INSERT INTO t SELECT seq, 100 FROM seq_1_to_{ROWS}",
        "ANALYZE TABLE t",
    )
    return mysql_database


class Collected:
    """What of a stage a read needs: it keeps the rows of each object."""

    def __init__(self) -> None:
        self.objects: dict[str, list[tuple[Any, ...]]] = {}

    def write(self, name: str, rows: Rows) -> Manifest:
        """Keep them."""
        names = [one for one in rows.arrow_schema.names if not one.startswith("_floodmark_")]
        found = [tuple(row.values()) for batch in rows for row in batch.select(names).to_pylist()]
        self.objects[name] = found
        staged = StagedObject(uri=name, generation=1, crc32c="", rows=len(found), bytes=0)
        return Manifest(objects=(staged,), rows=len(found), bytes=0, digest=rows.digest)


def read(place: MySQLDatabase, readers: int | None = 4, **changes: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of ``t`` by the objects they are read into; empty where one reader is to read them."""
    told = {
        "schema": place.dbname, "name": "t", "key": ("id",), "cursor": (), "columns": ("id", "balance"),
        "readers": readers, "whole": True, **changes,
    }  # fmt: skip
    stage = Collected()
    with MySQLSource(at(place), LEDGER).open(Selection(**told)) as reading:
        manifest = reading.staged("t", lambda: stage, None, READ_AT)  # type: ignore[arg-type, return-value]
        assert manifest is None or manifest.rows == sum(map(len, stage.objects.values()))
    return stage.objects


def between_snapshots(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    begin = Reader.begin

    def then(reader: Reader) -> None:
        begin(reader)
        happens()

    monkeypatch.setattr(Reader, "begin", then)


def test_nobody_changes_the_table_between_the_snapshots(
    accounts: MySQLDatabase, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one row gives, another one of another stretch gets; a row moves from one stretch to another."""
    writer, done = begin("SET SESSION lock_wait_timeout = 1"), []

    def move() -> None:
        with suppress(pymysql.err.OperationalError), writer.cursor() as cursor:
            cursor.execute(f"UPDATE t SET balance = balance + IF(id = 1, -5, 5) WHERE id IN (1, {ROWS})")
            cursor.execute("UPDATE t SET id = id + 1000 WHERE id BETWEEN 2 AND 10")
            done.append("moved")

    between_snapshots(monkeypatch, move)
    objects = read(accounts)
    assert len(objects) == 4
    found = [row for rows in objects.values() for row in rows]
    assert sorted(found) == [(number, 100) for number in range(1, ROWS + 1)]
    assert not done


def test_a_prepared_transaction_whose_session_is_gone_leaves_it_to_one_reader(
    accounts: MySQLDatabase, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be committed at any time, and the server's own lock of the table's definition doesn't know of it."""
    accounts.sql("XA START 'a'", f"UPDATE t SET balance = balance + IF(id = 1, -5, 5) WHERE id IN (1, {ROWS})",
                 "XA END 'a'", "XA PREPARE 'a'")  # fmt: skip

    def commit() -> None:
        with suppress(pymysql.err.OperationalError):
            accounts.sql("XA COMMIT 'a'")

    between_snapshots(monkeypatch, commit)
    with caplog.at_level(logging.WARNING):
        objects = read(accounts)
    assert sum(balance for rows in objects.values() for _, balance in rows) in (0, TOTAL)
    assert objects == {}
    assert "readers: 4: one reader reads it all: locking" in caplog.text
    assert "Lock wait timeout exceeded" in caplog.text


@pytest.mark.slow
def test_sums_hold_while_others_write_without_a_pause(accounts: MySQLDatabase, begin: Begin) -> None:
    stop, wrote = Event(), [0, 0]

    def move(number: int) -> None:
        writer = begin()
        while not stop.is_set():
            with suppress(pymysql.err.OperationalError), writer.cursor() as cursor:
                cursor.execute("BEGIN")
                for sign, key in ((-1, 1 + number), (1, ROWS - number)):
                    cursor.execute(f"UPDATE t SET balance = balance + {sign} WHERE id = {key}")
                cursor.execute(f"UPDATE t SET id = IF(id > 1000, id - 1000, id + 1000) WHERE id % 1000 = {50 + number}")
                cursor.execute("COMMIT")
                wrote[number] += 1

    writers = [Thread(target=move, args=(number,)) for number in range(2)]
    for one in writers:
        one.start()
    try:
        found = [read(accounts) for _ in range(30)]
    finally:
        stop.set()
        for one in writers:
            one.join()
    shared = [objects for objects in found if objects]
    assert len(shared) > 20
    for objects in shared:
        together = [row for rows in objects.values() for row in rows]
        assert (len({key % 1000 for key, _ in together}), len(together)) == (ROWS, ROWS)
        assert sum(balance for _, balance in together) == TOTAL
    assert all(wrote)


def test_slices_and_small_tables_have_no_further_connection_and_no_lock(
    accounts: MySQLDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Beginning, "_unwritten", lambda *_, **__: 1 / 0)
    assert read(accounts, whole=False) == {}
    assert read(accounts, readers=1) == {}
    monkeypatch.setattr(shards, "LEAST_ROWS", ROWS)
    assert read(accounts) == {}


KEYS = {
    "whole numbers": ("id bigint unsigned", "18446744073709551000 + seq", True),
    "negative ones": ("id int", "CAST(seq AS SIGNED) - 200", True),
    "a lonely greatest": ("id bigint", "IF(seq = 1, 9223372036854775807, seq)", False),
    "texts of a collation": ("id varchar(20) COLLATE utf8mb4_unicode_ci", "CONCAT(IF(seq % 2, 'a', 'B'), seq)", False),
    "texts of bytes": ("id varchar(20) COLLATE utf8mb4_bin", "CONCAT(IF(seq % 2, 'a', 'B'), seq)", False),
    "bytes": ("id binary(16)", "UNHEX(MD5(seq))", False),
    "decimals": ("id decimal(20,4)", "seq / 7", False),
    "moments": ("id timestamp(6)", "'2026-11-01' + INTERVAL seq MINUTE", False),
    "days": ("id date", "'2026-11-01' + INTERVAL seq DAY", False),
}


@pytest.mark.parametrize(("column", "value", "even"), KEYS.values(), ids=KEYS)
def test_keys_of_any_type_are_shared_out_in_the_servers_order(
    mysql_database: MySQLDatabase, column: str, value: str, even: bool
) -> None:
    mysql_database.sql(
        f"CREATE TABLE t ({column}, sub int, balance int, PRIMARY KEY (id, sub))",
        f"INSERT INTO t SELECT {value}, 1, seq FROM seq_1_to_{ROWS}",
        "ANALYZE TABLE t",
    )
    objects = read(mysql_database, columns=("balance",), key=())
    assert sorted(row for rows in objects.values() for row in rows) == [(number,) for number in range(1, ROWS + 1)]
    assert [len(rows) > ROWS // 8 for rows in objects.values()] == [True] * 4
    selection = Selection(schema=mysql_database.dbname, name="t", key=(), cursor=(), columns=("balance",))
    with MySQLSource(at(mysql_database), LEDGER).open(selection) as reading:
        along, _ = stretches(reading._reader, reading._query, Part(since=READ_AT), 4)
    assert along == (("id",) if even else ("id", "sub"))


def test_stretches_of_a_part_end_where_the_part_does(accounts: MySQLDatabase) -> None:
    selection = Selection(schema=accounts.dbname, name="t", key=("id",), cursor=(), columns=("id",))
    part = Part(low=("100",), high=("250",), rows=300, since=READ_AT)  # half of its rows are gone since it was cut
    with MySQLSource(at(accounts), LEDGER).open(selection) as reading:
        found = of_part(reading._reader, reading._query, part, 4)
    assert [(one.low, one.high) for one in found] == [(("100",), ("175",)), (("175",), ("250",)), (("250",), ("250",))]


def test_numbers_are_shared_out_evenly() -> None:
    assert evenly(-7, 9223372036854775807, 2) == [4611686018427387900]
    assert evenly(1, 3, 8) == [1, 2]
    assert evenly(5, 5, 3) == []
    assert evenly(None, None, 3) == []


WHY = {
    "a view": ("ALTER TABLE t RENAME base", "CREATE VIEW t AS SELECT * FROM base", "it has no primary key"),
    "no primary key": ("ALTER TABLE t DROP PRIMARY KEY", "ANALYZE TABLE t", "it has no primary key"),
    "a key of floats": (
        "ALTER TABLE t MODIFY id double unsigned",
        "ANALYZE TABLE t",
        "literals of its primary key's type, double unsigned,",
    ),
    "another engine": ("ALTER TABLE t ENGINE = MyISAM", "ANALYZE TABLE t", "its engine MyISAM has no snapshots"),
}


@pytest.mark.parametrize(("change", "then", "why"), WHY.values(), ids=WHY)
def test_one_reader_reads_what_cannot_be_shared_out(
    accounts: MySQLDatabase, caplog: pytest.LogCaptureFixture, change: str, then: str, why: str
) -> None:
    accounts.sql(change, then)
    with caplog.at_level(logging.WARNING):
        assert read(accounts, key=()) == {}
    assert f"{accounts.dbname}.t: readers: 4: one reader reads it all: {why}" in caplog.text


@pytest.mark.parametrize(
    "variables",
    [
        {"innodb_read_only": "ON"},
        {"group_replication_group_name": "x"},
        {"wsrep_on": "ON", "wsrep_provider": "galera.so"},
    ],
    ids=["Aurora's reader", "replication group", "Galera"],
)
def test_one_reader_reads_where_changes_come_from_servers_that_wait_for_no_lock(
    accounts: MySQLDatabase,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    variables: dict[str, str],
) -> None:
    """None of them can be had here, so the server's answer is changed on its way."""
    monkeypatch.setattr(
        shards, "facts", lambda *given: replace(known := facts(*given), variables={**known.variables, **variables})
    )
    with caplog.at_level(logging.WARNING):
        assert read(accounts) == {}
    assert "they wait for no lock" in caplog.text


def test_without_the_privilege_to_lock_one_reader_reads_it(
    accounts: MySQLDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    user = f"u{accounts.dbname[-8:]}"
    accounts.sql(f"CREATE USER {user} IDENTIFIED BY 'x'", f"GRANT SELECT ON {accounts.dbname}.* TO {user}")
    try:
        role = replace(accounts, user=user, password="x")
        with caplog.at_level(logging.WARNING):
            assert read(role) == {}
        [grant] = re.findall(r"(GRANT LOCK TABLES ON .*?);", caplog.text)
        accounts.sql(grant)
        assert len(read(role)) == 4
    finally:
        accounts.sql(f"DROP USER {user}")


def test_who_writes_waits_no_longer_than_the_snapshots_take(accounts: MySQLDatabase, begin: Begin) -> None:
    selection = Selection(
        schema=accounts.dbname, name="t", key=("id",), cursor=(), columns=("id",), readers=4, whole=True
    )
    writer = begin("SET SESSION lock_wait_timeout = 1")
    with MySQLSource(at(accounts), LEDGER).open(selection) as reading:
        assert len(reading._readers) == 4
        with writer.cursor() as cursor:
            cursor.execute("UPDATE t SET balance = 0")


def test_nobody_waits_for_a_read_of_which_no_number_of_readers_is_written(
    accounts: MySQLDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Beginning, "_lock", None)
    assert read(accounts, readers=None) == {}, "one reader, by itself"


def test_all_readers_keep_to_the_rate_together(accounts: MySQLDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(opening, "Pace", lambda rate: Pace(rate, clock=clock, sleep=clock.sleep))
    objects = read(accounts, max_rate=100)
    lines = sorted(len(f"{number},100,\n") for rows in objects.values() for number, _ in rows)
    assert len(objects) == 4
    assert (clock.now - 100) * 100 >= sum(lines) / 2  # all but the last reader's block, of a quarter
