"""The shop's database in MariaDB: the same tables, the account that reads them, and the same history."""

from __future__ import annotations

import contextlib
from datetime import date
from typing import Any

from floodmark.demo import shop
from floodmark.demo.databases import connect, connect_for_scripts, run_script
from floodmark.demo.servers.mariadb import MySQLDatabase

SINCE_EVER = "0000-00-00"
"""As MySQL says what PostgreSQL calls -infinity."""


def create(database: MySQLDatabase) -> None:
    """The shop's tables, empty."""
    with contextlib.closing(connect_for_scripts(database.dsn)) as connection:
        run_script(connection, shop.text("schema_mysql.sql"))


def create_reader(database: MySQLDatabase, name: str, password: str) -> None:
    """The account that Floodmark reads as."""
    with contextlib.closing(connect_for_scripts(database.dsn)) as connection:
        account, secret = f"{connection.escape(name)}@'%'", connection.escape(password)
        words = {"account": account, "password": secret, "database": f"`{database.dbname}`"}
        run_script(connection, shop.text("reader_mysql.sql").format(**words))


def write(history: shop.History, database: MySQLDatabase) -> dict[str, int]:
    """Load a history, with its own timestamps; rows by table."""
    rows = history.rows()
    with contextlib.closing(connect(database.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = '', autocommit = 0")  # a date of zeros is let in
        for table, statement in shop.LOAD.items():
            marks = ", ".join(["%s"] * len(rows[table][0]))
            cursor.executemany(statement.replace("%s", f"({marks})"), [tuple(map(_value, row)) for row in rows[table]])
        connection.commit()
        cursor.execute(f"ANALYZE TABLE {', '.join(rows)}")
    return {table: len(found) for table, found in rows.items()}


def _value(value: Any) -> Any:
    return SINCE_EVER if value == shop.SINCE_EVER and not isinstance(value, date) else value
