"""What ADBC knows of a server it learns once a process, and no type is missed that it doesn't know."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Semaphore
from time import monotonic
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql
import pytest

from floodmark.adapters import adbc_library
from floodmark.adapters.postgres import learned as postgres_learned
from floodmark.adapters.postgres.connect import parameters, uri
from floodmark.adapters.postgres.learned import used
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.adapters.postgres.statement import Statement
from floodmark.core.ports import Selection
from floodmark.demo.servers.all import Database
from floodmark.errors import ConfigurationError
from tests.adapters.postgres.sessions import alone, session

TOGETHER = 8
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(params=["types of its own", "asks the server"])
def learning(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URIs of the servers that were learned since; by a driver of today's, or one that has no such option."""
    found: list[str] = []
    real = adbc_driver_postgresql.connect

    def connect(where: str, *options: Any) -> Any:
        made = real(where, *options)
        found.append(where)
        return made

    if request.param == "asks the server":
        monkeypatch.setattr(postgres_learned, "_OWN_TYPES", {"adbc.postgresql.of_a_later_version": "builtin"})
    monkeypatch.setattr(adbc_driver_postgresql, "connect", connect)
    return found


def test_those_who_begin_at_the_same_moment_learn_a_server_once(database: Database, learning: list[str]) -> None:
    where, together = uri(parameters(database.dsn)), Barrier(TOGETHER)

    def asked(number: int) -> tuple[Any, ...]:
        together.wait()
        statement = Statement(where)
        statement.execute(f"SELECT {number}, pg_catalog.pg_backend_pid()")
        [row] = statement.rows()
        together.wait()  # all are connected at once
        statement.close()
        return row

    with ThreadPoolExecutor(TOGETHER) as threads:
        rows = list(threads.map(asked, range(TOGETHER)))
    assert learning == [where]
    assert [number for number, _ in rows] == list(range(TOGETHER))
    assert len({backend for _, backend in rows}) == TOGETHER
    with session(database.dsn) as cursor:
        assert alone(cursor)


_LATER = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE DOMAIN percent AS integer CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN word AS text;
CREATE TYPE place AS (x integer, y text);
CREATE TYPE span AS RANGE (subtype = integer);
CREATE TABLE later (
    id bigint PRIMARY KEY, m mood, p percent, w word, pl place, s span, ms mood[], ps percent[], other orders
);
INSERT INTO later VALUES (1, 'sad', 7, 'w', '(1,a)', '[1,3)', '{glad,sad}', '{1,2}', '(5,n)');
"""


def test_types_that_are_made_later_are_read_all_the_same(
    source: PostgresSource, database: Database, learning: list[str]
) -> None:
    """They travel as text, or as the type of PostgreSQL's own that they stand for."""
    whole = Selection(schema="public", name="orders", key=("id",), cursor=(), columns=("id", "note"))
    with session(database.dsn, "CREATE TABLE orders (id bigint PRIMARY KEY, note text)"):
        with source.open(whole) as reading:
            assert sum(batch.num_rows for batch in reading.rows(None, READ_AT)) == 0
        with session(database.dsn, _LATER):
            columns = ("id", "m", "p", "w", "pl", "s", "ms", "ps", "other")
            selected = Selection(schema="public", name="later", key=("id",), cursor=(), columns=columns)
            with source.open(selected) as reading:
                [batch] = list(reading.rows(None, READ_AT))
    assert len(learning) == 1
    assert {name: batch.column(name).to_pylist() for name in columns} == {
        "id": [1], "m": ["sad"], "p": [7], "w": ["w"], "pl": ['{"x":1,"y":"a"}'], "s": ["[1,3)"],
        "ms": ['["glad","sad"]'], "ps": ["[1,2]"], "other": ['{"id":5,"note":"n"}'],
    }  # fmt: skip


def test_a_driver_of_ones_own_reads_and_one_that_is_none_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def asked() -> list[tuple[Any, ...]]:
        statement = Statement(uri(parameters(database.dsn)))
        try:
            statement.execute("SELECT 1")
            return statement.rows()
        finally:
            statement.close()

    own, none = tmp_path / "libadbc_driver_postgresql.so", tmp_path / "empty.so"
    shutil.copy(adbc_driver_postgresql._driver_path(), own)
    none.touch()
    monkeypatch.setattr(adbc_driver_postgresql, "connect", None)
    for library in (none, tmp_path / "missing.so"):
        monkeypatch.setenv(adbc_library.OWN, str(library))
        with pytest.raises(ConfigurationError, match=f"{library.name}.*; name .* by its whole path"):
            asked()
    monkeypatch.setenv(adbc_library.OWN, str(own))
    assert asked() == [(1,)]
    assert str(own) in Path("/proc/self/maps").read_text()


def test_a_server_that_could_not_be_reached_is_learned_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, real = uri(parameters(database.dsn)), adbc_driver_postgresql.connect

    def unreachable(*_: Any) -> Any:
        raise adbc_driver_manager.OperationalError("no route", status_code=adbc_driver_manager.AdbcStatusCode.IO)

    monkeypatch.setattr(adbc_driver_postgresql, "connect", unreachable)
    with pytest.raises(adbc_driver_manager.OperationalError, match="no route"):
        Statement(where)
    monkeypatch.setattr(adbc_driver_postgresql, "connect", real)
    statement = Statement(where)
    statement.execute("SELECT 1")
    assert statement.rows() == [(1,)]
    statement.close()


def test_who_waited_while_a_server_did_not_answer_is_told_so_without_a_try_of_their_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, real, tried = uri(parameters(database.dsn)), adbc_driver_postgresql.connect, list[str]()
    asked, together = Semaphore(0), Barrier(TOGETHER)

    def moment() -> float:
        asked.release()
        return monotonic()

    def unanswered(uri: str, *_: Any) -> Any:
        tried.append(uri)
        for _one in range(TOGETHER if len(tried) == 1 else 0):  # until all wait for this one
            asked.acquire()
        raise adbc_driver_manager.OperationalError("expired", status_code=adbc_driver_manager.AdbcStatusCode.IO)

    def told(_: int) -> str:
        together.wait()
        with pytest.raises(adbc_driver_manager.OperationalError) as raised:
            Statement(where)
        return f"{raised.value.status_code.name}: {raised.value}"

    monkeypatch.setattr(postgres_learned, "monotonic", moment)
    monkeypatch.setattr(adbc_driver_postgresql, "connect", unanswered)
    with ThreadPoolExecutor(TOGETHER) as threads:
        assert set(threads.map(told, range(TOGETHER))) == {"IO: expired"}
    assert tried == [where]
    monkeypatch.setattr(adbc_driver_postgresql, "connect", real)
    Statement(where).close()


def test_a_server_is_forgotten_when_another_is_asked_for_but_not_while_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres_learned, "_SERVERS", {})
    with used("postgresql://one") as one:
        with used("postgresql://one") as again, used("postgresql://other"):
            assert again is one
        with used("postgresql://third"):
            assert list(postgres_learned._SERVERS) == ["postgresql://one", "postgresql://third"]
    with ExitStack() as stack:
        stack.enter_context(used("postgresql://fourth"))
        assert list(postgres_learned._SERVERS) == ["postgresql://fourth"]
