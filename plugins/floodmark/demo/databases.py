"""The two kinds of database that the demo and the loss benchmark run on, told apart by their DSN."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg2
import pymysql
from pymysql.constants import CLIENT

from floodmark.demo.servers.all import Database
from floodmark.demo.servers.mariadb import MySQLDatabase, by_dsn

Place = Database | MySQLDatabase
"""Where a source's tables are."""
IN_UTC = "SET time_zone = '+00:00'"


def is_mysql(dsn: str) -> bool:
    """Whether it is MySQL or MariaDB."""
    return dsn.startswith("mysql:")


def connect(dsn: str) -> Any:
    """A session that commits each statement by itself and tells times in UTC."""
    if is_mysql(dsn):
        return by_dsn(dsn).connect(init_command=IN_UTC)
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    return connection


def connect_for_scripts(dsn: str) -> Any:
    """The same, which takes several statements in a message."""
    if not is_mysql(dsn):
        return connect(dsn)
    return by_dsn(dsn).connect(init_command=IN_UTC, client_flag=CLIENT.MULTI_STATEMENTS)


def ask(connection: Any, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement. Moments are bound in UTC, since MySQL's driver leaves their zone out."""
    bound = [value.astimezone(UTC) if isinstance(value, datetime) else value for value in values]
    with connection.cursor() as cursor:
        cursor.execute(statement, bound or None)
        return list(cursor.fetchall())


def run_script(connection: Any, script: str) -> None:
    """Run a text of several statements, to its last one."""
    with connection.cursor() as cursor:
        cursor.execute(script)
        while isinstance(connection, pymysql.Connection) and cursor.nextset():
            pass
