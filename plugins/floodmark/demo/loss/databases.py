"""The workload's table in either kind of database: how it is made, asked, and written to."""

from __future__ import annotations

import contextlib
from datetime import datetime

from floodmark.core import sql
from floodmark.demo.databases import Place, ask, connect, connect_for_scripts, is_mysql, run_script
from floodmark.demo.loss.mysql_session import MySQLSession
from floodmark.demo.loss.postgres_session import PostgresSession
from floodmark.demo.loss.transactions import Session

ALL, BEFORE = "SELECT id, version FROM orders", "SELECT id, version FROM orders WHERE updated_at < %s"


def versions(source: Place, before: datetime | None = None) -> dict[int, int]:
    """The source's version of every row by its key; of those with a cursor before a moment only, where one is given."""
    with contextlib.closing(connect(source.dsn)) as connection:
        return dict(ask(connection, BEFORE, before) if before else ask(connection, ALL))


def session(dsn: str, number: int, seed: int) -> Session:
    """One connection of the shop."""
    return (MySQLSession if is_mysql(dsn) else PostgresSession)(dsn, number, seed)


def create_table(dsn: str) -> None:
    """The empty table that is written to and read."""
    with contextlib.closing(connect_for_scripts(dsn)) as connection:
        run_script(connection, sql.source("demo/loss_mysql_table.sql" if is_mysql(dsn) else "demo/loss_table.sql"))
