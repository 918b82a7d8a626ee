"""Sessions of a MySQL server that stay open within a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from floodmark.demo.servers.mariadb import MySQLDatabase

Begin = Callable[..., Any]
TABLE = (
    "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, w int, u timestamp(6) NOT NULL DEFAULT current_timestamp(6))"
)


@pytest.fixture
def table(mysql_database: MySQLDatabase) -> MySQLDatabase:
    """A database with an empty table ``t``, whose ``u`` is when its row's statement began."""
    mysql_database.sql(TABLE)
    return mysql_database


@pytest.fixture
def begin(mysql_database: MySQLDatabase) -> Iterator[Begin]:
    """A new session that has run some statements; ended with the test."""
    with ExitStack() as stack:

        def session(*statements: str) -> Any:
            connection = stack.enter_context(mysql_database.connect())
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
            return connection

        yield session


@contextmanager
def read_committed(place: MySQLDatabase) -> Iterator[None]:
    """New sessions of the server have that isolation, where they ask for no other."""
    [(version,)] = place.sql("SELECT VERSION()")
    variable = "tx_isolation" if "MariaDB" in version else "transaction_isolation"
    [(before,)] = place.sql(f"SELECT @@global.{variable}")
    place.sql("SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED")
    try:
        yield
    finally:
        place.sql(f"SET GLOBAL TRANSACTION ISOLATION LEVEL {before.replace('-', ' ')}")
