"""The look on a real server: who is seen, from when, and what is done where the server shows it late or not at all."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import judging
from floodmark.adapters.mysql import look as looks
from floodmark.adapters.mysql.judging import WAIT
from floodmark.adapters.mysql.look import look, own_remark
from floodmark.adapters.mysql.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.watermark import Look
from floodmark.demo.servers.all import temporary_folder
from floodmark.demo.servers.mariadb import MariaDBServer, MySQLDatabase
from tests.adapters.mysql.conftest import TABLE, Begin, read_committed
from tests.conftest import IN_MEMORY

LEDGER = uuid.UUID(int=7)
INSERT = "INSERT INTO t (w) VALUES (1)"


def at(place: MySQLDatabase, user: str = "") -> MySQL:
    login = user or place.user
    password = "" if user else place.password
    return MySQL(host=place.host, port=place.port, user=login, password=password, database=place.dbname)


def looked(place: MySQLDatabase, **also: Any) -> Look:
    return look(at(place), LEDGER, **also)


def since(found: Look, connection: Any) -> datetime:
    [one] = [one for one in found.open_transactions if one.pid == connection.thread_id()]
    assert one.since is not None
    return one.since


def pids(found: Look) -> set[int]:
    return {one.pid for one in found.open_transactions}


@contextmanager
def meanwhile(place: MySQLDatabase, *statements: str) -> Iterator[Any]:
    """A session that runs statements of which the last goes on running inside the block."""
    connection = place.connect()
    before, last = statements[:-1], statements[-1]
    with connection.cursor() as cursor:
        for statement in before:
            cursor.execute(statement)

        def run() -> None:
            with connection.cursor() as other:
                other.execute(last)

        thread = threading.Thread(target=run)
        thread.start()
        shown = (
            f"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {connection.thread_id()} AND info <> ''"
        )
        while place.sql(shown) != [(1,)]:
            time.sleep(0.01)
        yield connection, thread
        thread.join()
    connection.close()


def test_an_open_transaction_is_seen_once_it_has_changed_a_row(table: MySQLDatabase, begin: Begin) -> None:
    idle = begin("BEGIN", "SELECT COUNT(*) FROM t")
    writer = begin("BEGIN", INSERT)
    found = looked(table)
    assert idle.thread_id() not in pids(found)
    assert timedelta(seconds=-1) < found.clock - WAIT - since(found, writer) < timedelta(seconds=20)
    assert found.blockers == found.assumptions == ()
    writer.commit()
    assert writer.thread_id() not in pids(looked(table))


@pytest.mark.slow
def test_a_statement_seen_to_wait_before_its_first_row_is_known_when_it_has_written(
    table: MySQLDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M5, M8: trx_started is when it woke, its row's cursor when it began; the transaction stays open."""
    monkeypatch.setattr(judging, "WAIT", timedelta(0))
    monkeypatch.setattr(judging, "SHORT", timedelta(0))
    with meanwhile(table, "BEGIN", "INSERT INTO t (w) VALUES (sleep(2.1))") as (connection, thread):
        first = looked(table)
        thread.join()
        assert first.seen is not None
        known, unknown = looked(table, earlier=[first.seen]), looked(table)
        connection.commit()
    [(cursor,)] = table.sql("SELECT UNIX_TIMESTAMP(u) FROM t")
    written = datetime.fromtimestamp(float(cursor), UTC)
    assert since(known, connection) <= written < since(unknown, connection)


def test_our_own_reads_hold_nothing_but_other_statements_do(table: MySQLDatabase) -> None:
    with (
        meanwhile(table, f"{own_remark(LEDGER)} SELECT sleep(0.5)") as (own, _),
        meanwhile(table, f"{own_remark(uuid.UUID(int=8))} SELECT sleep(0.5)") as (other, _),
    ):
        assert pids(looked(table)) & {own.thread_id(), other.thread_id()} == {other.thread_id()}


@pytest.mark.parametrize("question", ["look_sessions", "look_transactions"])
def test_who_writes_between_two_questions_is_seen_or_began_after_the_clock(
    table: MySQLDatabase, begin: Begin, question: str
) -> None:
    """R4: the sessions before the transactions; who ends in between is in the snapshot that is taken later."""
    ended, writer = begin("BEGIN", INSERT), begin()

    def write(name: str) -> None:
        if name == question:
            ended.commit()
            with writer.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(INSERT)

    found = looked(table, between=write)
    assert ended.thread_id() not in pids(found)
    writer.commit()
    [(cursor,)] = table.sql("SELECT MAX(UNIX_TIMESTAMP(u)) FROM t")
    assert datetime.fromtimestamp(float(cursor), UTC) > found.clock


def test_a_statement_that_comes_to_its_first_row_while_we_look_is_seen_by_one_of_two_questions(
    table: MySQLDatabase,
) -> None:
    """M6: at the first question it waits, with nothing in InnoDB yet; at the second it idles, its transaction open."""
    with meanwhile(table, "BEGIN", "INSERT INTO t (w) VALUES (sleep(0.8))") as (connection, thread):
        asked = []

        def wait(question: str) -> None:
            asked.append(question)
            if len(asked) == len(("look_clock", "look_sessions", "look_transactions")):
                thread.join()

        found = looked(table, between=wait)
        connection.commit()
    assert connection.thread_id() in pids(found)


@pytest.mark.slow
def test_a_list_that_a_monitor_keeps_from_being_renewed_is_not_believed(table: MySQLDatabase, begin: Begin) -> None:
    """M7: whoever asks oftener than every tenth of a second keeps the list as it is, without the canary."""
    monitor, stop = begin(), threading.Event()

    def ask() -> None:
        with monitor.cursor() as cursor:
            while not stop.is_set():
                cursor.execute("SELECT trx_id FROM information_schema.innodb_trx")
                cursor.fetchall()
                stop.wait(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        time.sleep(0.2)
        writer = begin("BEGIN", INSERT)
        with begin().cursor() as cursor:
            cursor.execute("SELECT trx_mysql_thread_id FROM information_schema.innodb_trx")
            stale = writer.thread_id() not in {pid for (pid,) in cursor.fetchall()}
        found = looked(table)
    finally:
        stop.set()
        thread.join()
    assert stale
    assert writer.thread_id() in pids(found)


def test_without_the_canary_anywhere_nothing_is_proved(table: MySQLDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PAUSE", 0)
    monkeypatch.setattr(looks._Canary, "__init__", _dead_canary)
    [blocker] = looked(table).blockers
    assert "stale" in blocker


def test_a_look_does_not_ask_so_often_that_it_keeps_the_list_stale_itself(
    table: MySQLDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M7: two looks at once don't keep step either."""
    slept: list[float] = []
    monkeypatch.setattr(looks.time, "sleep", slept.append)
    monkeypatch.setattr(looks._Canary, "__init__", _dead_canary)
    looked(table)
    assert len(slept) == len(set(slept)) == looks.TRIES - 1
    assert min(slept) >= 0.15


def test_a_list_that_was_made_for_somebody_else_is_asked_again_until_it_is_made_anew(
    table: MySQLDatabase, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M7: asked within a tenth of a second, the list would stay old because of who asks."""
    other = begin()

    def ask(question: str) -> None:
        if question == "look_transactions":
            with other.cursor() as cursor:
                cursor.execute("SELECT trx_id FROM information_schema.innodb_trx")

    def give_up(_: object) -> None:
        raise AssertionError("the list never came to show the canary")

    monkeypatch.setattr(looks._Asking, "_by_status", give_up)
    assert looked(table, between=ask).blockers == ()


def test_the_canary_is_seen_whatever_isolation_is_the_accounts(table: MySQLDatabase) -> None:
    """Under READ COMMITTED it has no snapshot, as nobody says (M14); it begins and is listed all the same (M7)."""
    with read_committed(table):
        assert looked(table).blockers == ()


def _dead_canary(self: Any, connection: Any) -> None:
    self._connection, self.session = connection, 2**31 - 1


def test_without_process_the_grant_is_named(table: MySQLDatabase, begin: Begin) -> None:
    user = f"u{uuid.uuid4().hex[:8]}"
    table.sql(f"CREATE USER {user}", f"GRANT SELECT ON {table.dbname}.* TO {user}")
    begin("BEGIN", INSERT)
    found = look(at(table, user), LEDGER)
    assert found.blockers == (
        f"the account '{user}'@'%' can't see other sessions' transactions; GRANT PROCESS ON *.* TO '{user}'@'%'",
    )
    table.sql(f"GRANT PROCESS ON *.* TO {user}")
    found = look(at(table, user), LEDGER)
    assert (found.blockers, found.assumptions) == ((), ())
    table.sql(f"DROP USER {user}")


def test_the_status_says_what_the_list_says(
    table: MySQLDatabase, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = begin("BEGIN", INSERT)
    listed = looked(table)
    monkeypatch.setattr(looks, "TRIES", 0)
    told = looked(table)
    assert [(one.pid, one.transaction) for one in told.open_transactions] == [
        (one.pid, one.transaction) for one in listed.open_transactions
    ]
    assert writer.thread_id() in pids(told)
    [a], [b] = ([one.since for one in found.open_transactions] for found in (listed, told))
    assert a is not None
    assert b is not None
    assert abs(a - b) <= timedelta(seconds=1)


def test_of_a_doubled_hour_a_transaction_counts_from_the_earlier(own_server: Any) -> None:
    """M10: InnoDB tells the server's own clock, which shows 01:30 at 05:30 and at 06:30 UTC."""
    transactions = " UNION ALL ".join(
        f"SELECT {number} AS trx_id, {number} AS trx_mysql_thread_id, 1 AS trx_rows_modified, '{at}' AS trx_started"
        for number, at in enumerate(("2026-11-01 00:59:59", "2026-11-01 01:30:00", "2026-11-01 02:00:00"))
    )
    statement = sql.render("mysql/look_transactions.sql", {"canary": 9}, quote=name, literal=literal)
    asked = statement.replace("information_schema.innodb_trx", f"({transactions}) AS listed")
    found = [datetime.fromtimestamp(started, UTC) for _, _, started, _ in own_server.database().sql(asked)]
    assert [f"{one:%H:%M:%S}" for one in found] == ["04:59:59", "05:30:00", "07:00:00"]


@pytest.fixture
def own_server() -> Iterator[Callable[..., MariaDBServer]]:
    """A server of the test's own, whose machine lies in another time zone."""
    with temporary_folder(IN_MEMORY) as folder, MariaDBServer(folder=folder, zone="America/New_York") as server:
        yield server


def test_a_prepared_transaction_blocks_over_a_restart_and_its_start_is_in_the_servers_zone(own_server: Any) -> None:
    """M5, M10, M11: while its session lives it is told as any other; after a restart with the restart's time."""
    place = own_server.database().create_database("shop")
    place.sql(TABLE)
    connection = place.connect()
    with connection.cursor() as cursor:
        for statement in ("XA START 'g1'", INSERT, "XA END 'g1'", "XA PREPARE 'g1'"):
            cursor.execute(statement)
    lives = looked(place)
    assert lives.blockers == ()
    [one] = lives.open_transactions
    assert one.since is not None
    assert timedelta(0) < lives.clock - one.since - WAIT < timedelta(seconds=10)
    connection.close()
    assert [one.prepared for one in looked(place).open_transactions] == ["g1"]
    own_server.stop()
    own_server.start()
    found = looked(place, earlier=[lives.seen])
    assert [one.prepared for one in found.open_transactions] == ["g1"]
    assert "'g1'" in found.blockers[0]
    place.sql("XA COMMIT 'g1'")
    assert looked(place).blockers == ()
    place.sql("SET GLOBAL read_only = ON")
    assert "read_only" in looked(place).blockers[0]


def test_what_a_ledger_kept_of_another_server_is_not_held_against_this_one(table: MySQLDatabase, begin: Begin) -> None:
    begin("BEGIN", INSERT)
    before = looked(table).seen
    assert before is not None
    strange = replace(before, server="other", suspects=())
    [one] = looked(table, earlier=[strange]).open_transactions
    assert one.since is not None
    assert one.since < before.clock - WAIT + timedelta(seconds=1)
