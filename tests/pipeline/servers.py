"""PostgreSQL servers for what a shared one can't be put through: standbys, promotion, crashes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg2

from floodmark.demo.servers.all import FAST, Database, PostgresServer
from floodmark.demo.servers.postgres_copy import copy_of


def ask(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """Run one statement, committed; its rows."""
    connection = psycopg2.connect(database.dsn)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def until(true: Callable[[], Any], within: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def standby(
    primary: PostgresServer, folder: Path, settings: Mapping[str, str] = FAST
) -> AbstractContextManager[PostgresServer]:
    """A streaming standby of a running server, in a new folder."""
    return copy_of(primary, folder, settings, follows=True)


def crash(server: PostgresServer) -> None:
    """Kill the server and every process of it at once, as a failing machine does; what isn't written is lost."""
    children = [int(child) for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]
    for pid in (server.pid, *children):
        os.kill(pid, signal.SIGKILL)
    server.stop()
    until(lambda: not any(_runs(pid) for pid in children))


def _runs(pid: int) -> bool:
    """Whether a process still holds memory; one that nobody reaped holds none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
