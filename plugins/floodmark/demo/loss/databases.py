"""The two kinds of database that the loss benchmark's workload can write to, told apart by their DSN."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg2

from floodmark.core import sql
from floodmark.demo.loss.transactions import Session
from floodmark.demo.servers.all import Database
from floodmark.demo.servers.mariadb import MySQLDatabase, by_dsn

Place = Database | MySQLDatabase
"""Where the workload's table is."""
ALL, BEFORE = "SELECT id, version FROM orders", "SELECT id, version FROM orders WHERE updated_at < %s"


def is_mysql(dsn: str) -> bool:
    """Whether it is MySQL or MariaDB."""
    return dsn.startswith("mysql:")


def connect(dsn: str) -> Any:
    """A session that commits each statement by itself and tells times in UTC."""
    if is_mysql(dsn):
        return by_dsn(dsn).connect(init_command="SET time_zone = '+00:00'")
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection


def ask(connection: Any, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement. Moments are bound in UTC, since MySQL's driver leaves their zone out."""
    bound = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
    with connection.cursor() as cursor:
        cursor.execute(statement, bound or None)
        return list(cursor.fetchall())


def versions(source: Place, before: datetime | None = None) -> dict[int, int]:
    """The source's version of every row by its key; of those with a cursor before a moment only, where one is given."""
    with contextlib.closing(connect(source.dsn)) as connection:
        return dict(ask(connection, BEFORE, before) if before else ask(connection, ALL))


def session(dsn: str, number: int, seed: int) -> Session:
    """One connection of the shop."""
    if is_mysql(dsn):
        from floodmark.demo.loss.mysql_session import MySQLSession

        return MySQLSession(dsn, number, seed)
    from floodmark.demo.loss.postgres_session import PostgresSession

    return PostgresSession(dsn, number, seed)


def create_table(dsn: str) -> None:
    """The empty table that is written to and read."""
    with _opened_for_scripts(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql.source("demo/loss_mysql_table.sql" if is_mysql(dsn) else "demo/loss_table.sql"))


@contextlib.contextmanager
def _opened_for_scripts(dsn: str) -> Iterator[Any]:
    """A session that takes several statements in a message."""
    if is_mysql(dsn):
        from pymysql.constants import CLIENT

        connection = by_dsn(dsn).connect(client_flag=CLIENT.MULTI_STATEMENTS)
    else:
        connection = connect(dsn)
    with contextlib.closing(connection):
        yield connection
