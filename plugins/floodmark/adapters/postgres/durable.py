"""Whether what a snapshot saw is on disk (R3)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from floodmark.adapters.postgres.connect import connected, rows
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.errors import SourceRefused

WAIT = timedelta(seconds=1)
_STEP = 0.05


def flushed(connection: Any, parameters: Mapping[str, str], lsn: str) -> bool:
    """Whether the log is on disk up to ``lsn``, waiting a moment for it.

    An idle server may take seconds, so a transaction that does nothing but commit hurries it on: over a connection of
    its own, which is made only then, since behind a pooler each may be the last.
    """
    if _flushed(connection, lsn):
        return True
    with connected(parameters) as other:
        _hurry(other)
    until = time.monotonic() + WAIT.total_seconds()
    while time.monotonic() < until:
        if _flushed(connection, lsn):
            return True
        time.sleep(_STEP)
    return False


def _flushed(connection: Any, lsn: str) -> bool:
    statement = sql.render("postgres/flushed.sql", {"lsn": lsn}, quote=name, literal=literal)
    [(flushed,)] = rows(connection, statement, "asking whether what was seen is durable")
    return bool(flushed)


def _hurry(connection: Any) -> None:
    """Commit a transaction that wrote nothing but its end, where the role may.

    The server doesn't wait for such a commit to be on disk, but it wakes the log's writer where that sleeps long.
    """
    statement = "BEGIN; SET LOCAL synchronous_commit = on; SELECT pg_catalog.txid_current(); COMMIT"
    try:
        rows(connection, statement, "hurrying the source's log on")
    except SourceRefused:
        rows(connection, "ROLLBACK", "hurrying the source's log on")
