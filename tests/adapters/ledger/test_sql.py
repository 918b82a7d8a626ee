"""The SQL ledger's own: its errors and their remedies, its locks, its columns, its addresses."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from floodmark.adapters.ledger import engine as ledger_engine
from floodmark.adapters.ledger import open_ledger
from floodmark.adapters.ledger.engine import transaction
from floodmark.adapters.ledger.sql import SqlLedger
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Conflict
from floodmark.core.time.interval import Interval
from floodmark.errors import LedgerMissing, LedgerUnavailable, LedgerUnusable
from tests.fakes.examples import ZERO, effect, manifest, reading
from tests.fakes.processes import exit_code, process

T = "proj.shop.orders"
NOW = datetime(2026, 11, 2, 3, 4, 5, 678901, tzinfo=UTC)
NOBODY = 65534


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A SQLite ledger's file, made."""
    path = tmp_path / "deep" / "er" / "ledger.db"
    SqlLedger(f"sqlite:///{path}").close()
    return path


def begun(ledger: SqlLedger) -> Head:
    taken = heads.take(ledger.head(T), holder="h", now=NOW)
    read = reading(T, token=taken.token, spans=(Span(interval=Interval(low=ZERO, high=NOW), base=9),))
    new = heads.begin(taken, read)
    ledger.swap(ledger.head(T), new)
    return new


def test_its_folder_is_made_and_readers_do_not_wait_for_writers(file: Path) -> None:
    with sqlite3.connect(file) as writer:
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        writer.execute("BEGIN IMMEDIATE")
        assert SqlLedger(f"sqlite:///{file}").head(T).version == 0


def test_what_people_ask_for_are_columns(file: Path) -> None:
    """The queries of state/README.md."""
    ledger = SqlLedger(f"sqlite:///{file}")
    head = heads.stage(begun(ledger), manifest(3), now=NOW)
    head = heads.intend(head, effect(job_id="j1", configuration={"load": {"x": 1}}))
    ledger.swap(ledger.head(T), head)
    with sqlite3.connect(file) as asking:
        read = asking.execute("SELECT read_at, state, kind, token, rows, staged_at, run_id FROM floodmark_read")
        assert read.fetchall() == [
            ("2026-11-01T00:00:00.000000+00:00", "staged", "slice", 1, 3, "2026-11-02T03:04:05.678901+00:00", "run")
        ]
        jobs = asking.execute("SELECT step, attempt, job_id, state, configuration ->> '$.load.x' FROM floodmark_effect")
        assert jobs.fetchall() == [("load", 1, "j1", "intended", 1)]
        spans = asking.execute("SELECT document ->> '$.portion.spans[0].base' FROM floodmark_read")
        assert spans.fetchall() == [(9,)]


def test_a_renewal_does_not_write_coverage_again(file: Path) -> None:
    """It is the longest part of a head and changes once per read."""
    ledger = SqlLedger(f"sqlite:///{file}")
    head = begun(ledger)
    said: list[str] = []
    sa.event.listen(ledger._engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    ledger.swap(head, heads.renew(head, now=NOW))
    updates = [one for one in said if one.startswith("UPDATE")]
    assert len(updates) == 1
    assert "coverage" not in updates[0]
    assert "floodmark_read" not in updates[0]


def test_a_writer_that_holds_the_file_for_too_long_is_named_as_the_cause(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_engine, "BUSY_SECONDS", 0.05)
    ledger = SqlLedger(f"sqlite:///{file}")
    head = ledger.head(T)
    with sqlite3.connect(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match=r"ledger\.db: database is locked; .*who holds the file"):
            ledger.swap(head, heads.take(head, holder="h", now=NOW))
    assert ledger.head(T) == head
    ledger.swap(head, heads.take(head, holder="h", now=NOW))


def test_threads_share_one_ledger(file: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{file}")
    won: list[int] = []

    def take(number: int) -> None:
        for _ in range(20):
            head = ledger.head(T)
            try:
                ledger.swap(head, heads.take(head, holder=str(number), now=NOW))
            except Conflict:
                continue
            won.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.head(T).token == len(won) > 0


def test_a_document_with_a_field_of_a_newer_program_is_refused_not_cut(file: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{file}")
    begun(ledger)
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE floodmark_read SET document = json_set(document, '$.snapshot.colour', 'red')")
    with pytest.raises(LedgerUnusable, match=r"of proj\.shop\.orders: unknown field 'snapshot\.colour'; .*upgrade"):
        ledger.head(T)


def test_a_damaged_document_is_refused_with_the_place(file: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{file}")
    begun(ledger)
    with sqlite3.connect(file) as hand:
        hand.execute("UPDATE floodmark_read SET state = 'asleep'")
    with pytest.raises(LedgerUnusable, match=r"read 2026-11-01.* of proj\.shop\.orders: state: .*copy"):
        ledger.head(T)


def test_a_head_whose_open_read_is_gone_is_refused(file: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{file}")
    begun(ledger)
    with sqlite3.connect(file) as hand:
        hand.execute("DELETE FROM floodmark_read")
    with pytest.raises(LedgerUnusable, match=r"the open read of proj\.shop\.orders is gone; restore"):
        ledger.head(T)


def test_a_closed_read_is_never_written_over(file: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{file}")
    head = begun(ledger)
    with sqlite3.connect(file) as hand:
        hand.execute("UPDATE floodmark_read SET state = 'applied'")
    new, closed = giving_up.void(head, "no")
    with pytest.raises(LedgerUnusable, match="is closed already"):
        ledger.swap(head, new, closed)
    with sqlite3.connect(file) as asking:
        assert asking.execute("SELECT state FROM floodmark_read").fetchall() == [("applied",)]
        assert asking.execute("SELECT version FROM floodmark_head").fetchall() == [(head.version,)]


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("value", [{"a": float("nan")}, {1: "a"}, {"a": (1,)}, {"a": NOW}], ids=str)
def test_a_configuration_that_json_would_change_is_refused(file: Path, value: dict) -> None:
    """R17: the job that is submitted again must be the job that was written down."""
    ledger = SqlLedger(f"sqlite:///{file}")
    staged = heads.stage(begun(ledger), manifest(), now=NOW)
    with pytest.raises(ValueError, match=r"job_load_1: configuration: .*JSON"):
        ledger.swap(ledger.head(T), heads.intend(staged, effect(configuration=value)))
    assert ledger.head(T).version == 2


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ledger.db", "not a database URL; write sqlite:///path"),
        ("mysql://h/d", r"mysql://h/d: mysql can't hold it"),
        ("sqlite://", "needs a file that outlives the process"),
        ("sqlite:///:memory:", "needs a file that outlives the process"),
        ("gs://", "needs a bucket and a client"),
        ("gs://bucket/p", "needs a bucket and a client"),
    ],
)
def test_an_address_that_can_hold_no_ledger_is_refused_with_the_remedy(address: str, message: str) -> None:
    with pytest.raises(LedgerUnusable, match=message):
        open_ledger(address)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_text("hello " * 1000)
    with pytest.raises(LedgerUnusable, match="file is not a database; name another file"):
        open_ledger(f"sqlite:///{file}")
    assert file.read_text() == "hello " * 1000


def test_a_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnusable, match=r"is a folder; name a file in it"):
        open_ledger(f"sqlite:///{tmp_path}")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerUnusable, match=r"its folder .* can't be made: "):
        open_ledger(f"sqlite:///{tmp_path}/file/ledger.db")


@pytest.mark.parametrize(("locked", "kind"), [("ledger.db", "file"), (".", "folder")])
def test_a_file_or_folder_without_write_permission_is_refused(file: Path, locked: str, kind: str) -> None:
    for parent in (file.parent, *file.parent.parents):
        if parent.stat().st_uid == os.geteuid() and len(parent.parts) > 3:  # below the system's own folders
            parent.chmod(0o777)
    file.chmod(0o666)
    (file.parent / locked).chmod(0o444 if kind == "file" else 0o555)
    url = f"sqlite:///{file}"

    def opening() -> int:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        try:
            SqlLedger(url)
        except LedgerUnusable as error:
            return 3 if f"the {kind} " in str(error) and "give it that permission" in str(error) else 4
        return 5

    with process(opening) as pid:
        assert exit_code(pid) == 3
    file.parent.chmod(0o755)


def test_a_file_that_nobody_can_look_for_is_none_that_is_not_there_yet(file: Path) -> None:
    """Another user's: a command that only reads would take it for one that the first run makes."""
    with pytest.raises(LedgerMissing):
        open_ledger(f"sqlite:///{file.with_name('other.db')}", create=False)
    file.with_name("other.db").symlink_to(file.with_name("nothing.db"))
    with pytest.raises(LedgerUnusable, match=r"other\.db is a link to nothing; mount what it leads to"):
        open_ledger(f"sqlite:///{file.with_name('other.db')}", create=False)
    with pytest.raises(LedgerUnusable, match="can't be looked for: Not a directory"):
        open_ledger(f"sqlite:///{file}/ledger.db", create=False)
    file.parent.chmod(0o000)

    def opening() -> int:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        try:
            open_ledger(f"sqlite:///{file}", create=False)
        except LedgerUnusable as error:
            return 3 if "can't be looked for: Permission denied; give this user the right" in str(error) else 4
        except LedgerMissing:
            return 5
        return 6

    with process(opening) as pid:
        ended = exit_code(pid)
    file.parent.chmod(0o755)
    assert ended == 3


def test_messages_and_names_hold_no_password(database) -> None:
    secret = f"postgresql+psycopg2://someone:hunter2@127.0.0.1:{database.port}/{database.dbname}?password=hunter2"
    with pytest.raises(LedgerUnavailable) as caught:
        SqlLedger(secret)
    assert "hunter2" not in str(caught.value)
    assert f"127.0.0.1:{database.port}/{database.dbname}" in str(caught.value)
    assert str(SqlLedger(database.dsn)) == f"postgresql://127.0.0.1:{database.port}/{database.dbname}"


def test_a_server_out_of_reach_is_worth_a_retry_and_a_missing_database_is_too(database) -> None:
    for address in ("postgresql://u@127.0.0.1:1/d", database.dsn + "_none"):
        with pytest.raises(LedgerUnavailable, match="check that the server runs"):
            SqlLedger(address)


def test_a_role_without_privileges_is_told_which(database) -> None:
    SqlLedger(database.dsn).close()
    role = f"r_{database.dbname}"
    connection = psycopg2.connect(database.dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    try:
        with pytest.raises(LedgerUnusable, match="grant the role"):
            SqlLedger(database.dsn.replace("postgres@", f"{role}@"))
    finally:
        with connection, connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {role}")
        connection.close()


def test_a_lost_connection_is_opened_anew(database) -> None:
    ledger = SqlLedger(database.dsn)
    head = begun(ledger)
    connection = psycopg2.connect(database.dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    connection.close()
    assert ledger.head(T) == head


def test_a_swap_whose_answer_was_lost_is_known_by_what_is_stored(database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The COMMIT went through; only its answer didn't."""
    ledger = SqlLedger(database.dsn)
    head = ledger.head(T)
    new = heads.take(head, holder="h", now=NOW)
    commit = ledger._engine.dialect.do_commit

    def lost(connection) -> None:
        commit(connection)
        monkeypatch.undo()
        raise ledger._engine.dialect.dbapi.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(ledger._engine.dialect, "do_commit", lost)
    ledger.swap(head, new)
    assert ledger.head(T) == new


def test_a_swap_that_was_not_done_when_the_connection_broke_says_so(database, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = SqlLedger(database.dsn)
    head = ledger.head(T)

    def broken(_: object) -> None:
        monkeypatch.undo()
        raise ledger._engine.dialect.dbapi.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(ledger._engine.dialect, "do_commit", broken)
    with pytest.raises(LedgerUnavailable):
        ledger.swap(head, heads.take(head, holder="h", now=NOW))
    assert ledger.head(T) == head


def test_transactions_do_not_outlive_their_block(file: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{file}")

    def change() -> None:
        with transaction(ledger._engine, "IMMEDIATE") as connection:
            connection.execute(sa.text("UPDATE floodmark_ledger SET version = 9"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert SqlLedger(f"sqlite:///{file}").uuid == ledger.uuid


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2"])
def test_addresses_as_airflow_writes_them_reach_the_same_ledger(database, scheme: str) -> None:
    ledger = SqlLedger(database.dsn.replace("postgresql", scheme))
    assert ledger._engine.driver == "psycopg2"
    assert ledger.uuid == SqlLedger(database.dsn).uuid
