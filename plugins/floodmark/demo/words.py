"""What the shop's writers say to their database where PostgreSQL and MySQL differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import psycopg2
import psycopg2.errors
import pymysql
from pymysql.constants import CLIENT, ER

from floodmark.demo import shop
from floodmark.demo.databases import IN_UTC, ask, is_mysql
from floodmark.demo.servers.mariadb import by_dsn


def statements(file: str) -> Mapping[str, str]:
    """The statements of a file of ``sql/``, by name."""
    return named(shop.text(file))


def named(text: str) -> Mapping[str, str]:
    """Statements by the names that stand above them."""
    return dict(re.findall(r"-- name: (\w+)\n(.*?)(?=\n-- name:|\Z)", text, re.S))


class Words(Protocol):
    """A database's own. A connection that is in no transaction begins one with its first statement."""

    def connect(self, dsn: str, name: str) -> Any:
        """A session of a writer of this name."""

    def say(self, connection: Any, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement by its name; its rows, if it returns any."""

    def now(self, connection: Any) -> datetime:
        """The database's ``now()``, UTC."""

    def commit_each(self, connection: Any, *, wanted: bool) -> None:
        """Whether each statement is committed by itself."""

    def begin_two_phases(self, connection: Any, gid: str) -> None:
        """Begin a transaction that will be prepared under a name."""

    def prepare(self, connection: Any, gid: str) -> None:
        """Prepare it: the session is free for others."""

    def commit_prepared(self, connection: Any, gid: str) -> None:
        """Commit it."""

    def is_passing(self, error: Exception) -> bool:
        """Whether the same transaction may succeed at another time: a deadlock, a lock that isn't given."""


class PostgresWords:
    """Implements :class:`Words`."""

    def __init__(self) -> None:
        self._statements = statements("live.sql")

    def connect(self, dsn: str, name: str) -> Any:
        """A session."""
        return psycopg2.connect(dsn, application_name=name)

    def say(self, connection: Any, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement."""
        with connection.cursor() as cursor:
            cursor.execute(self._statements[statement], values)
            return list(cursor.fetchall()) if cursor.description else []

    def now(self, connection: Any) -> datetime:
        """The transaction's start."""
        [(began,)] = ask(connection, "SELECT now()")
        return began  # type: ignore[no-any-return]

    def commit_each(self, connection: Any, *, wanted: bool) -> None:
        """As psycopg2 calls it."""
        connection.autocommit = wanted

    def begin_two_phases(self, connection: Any, gid: str) -> None:
        """Any transaction can be prepared."""

    def prepare(self, connection: Any, gid: str) -> None:
        """PREPARE TRANSACTION."""
        with connection.cursor() as cursor:
            cursor.execute("PREPARE TRANSACTION %s", (gid,))
        connection.rollback()  # psycopg2 believes itself still in it

    def commit_prepared(self, connection: Any, gid: str) -> None:
        """COMMIT PREPARED."""
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("COMMIT PREPARED %s", (gid,))
        connection.autocommit = False

    def is_passing(self, error: Exception) -> bool:
        """By the error's class."""
        passing = psycopg2.errors
        return isinstance(
            error, (passing.DeadlockDetected, passing.SerializationFailure, passing.LockNotAvailable)
        )  # fmt: skip


class MySQLWords:
    """Implements :class:`Words`. Gaps between rows are not locked: else everybody would wait for the long ones."""

    def __init__(self) -> None:
        self._statements = {**statements("live.sql"), **statements("live_mysql.sql")}

    def connect(self, dsn: str, name: str) -> Any:
        """A session; MySQL has no name for it."""
        connection = by_dsn(dsn).connect(
            autocommit=False, init_command=IN_UTC, client_flag=CLIENT.MULTI_STATEMENTS
        )  # fmt: skip
        for statement in (
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET SESSION innodb_lock_wait_timeout = 2"
        ):  # fmt: skip
            self._run(connection, statement)
        return connection

    def say(self, connection: Any, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a statement."""
        return self._run(connection, self._statements[statement], values)

    def now(self, connection: Any) -> datetime:
        """The moment; the transaction has begun now or will with its next statement."""
        [(began,)] = self._run(connection, "SELECT NOW(6)")
        return began.replace(tzinfo=UTC)  # type: ignore[no-any-return]

    def commit_each(self, connection: Any, *, wanted: bool) -> None:
        """As PyMySQL calls it."""
        connection.autocommit(wanted)

    def begin_two_phases(self, connection: Any, gid: str) -> None:
        """XA START."""
        self._run(connection, "XA START %s", (gid,))

    def prepare(self, connection: Any, gid: str) -> None:
        """XA PREPARE."""
        self._run(connection, "XA END %s", (gid,))
        self._run(connection, "XA PREPARE %s", (gid,))

    def commit_prepared(self, connection: Any, gid: str) -> None:
        """XA COMMIT."""
        self._run(connection, "XA COMMIT %s", (gid,))

    def is_passing(self, error: Exception) -> bool:
        """By the error's number."""
        return isinstance(error, pymysql.err.OperationalError) and error.args[0] in (
            ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT,
        )  # fmt: skip

    def _run(self, connection: Any, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of the first result; those after it are thrown away."""
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            rows = list(cursor.fetchall())
            while cursor.nextset():
                pass
            return rows


def words(dsn: str) -> Words:
    """Those of the database that a DSN names."""
    return MySQLWords() if is_mysql(dsn) else PostgresWords()
