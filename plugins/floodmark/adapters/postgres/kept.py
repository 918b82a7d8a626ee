"""A connection that goes from hand to hand: the look's goes on to describe the table, and then to hold it.

Each connection costs the server a process and the network some round trips, TLS and a login more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from floodmark.adapters.postgres.connect import connection_to

SECONDS = 5.0
"""So long one waits for its next use; a firewall or a pooler may have ended an older one without a word."""


class Kept:
    """At most one idle connection. Whoever finds none connects anew, so it may be used from any thread."""

    def __init__(self) -> None:
        self._idle: list[tuple[Mapping[str, str], float, Any]] = []

    @contextmanager
    def connected(self, given: Mapping[str, str]) -> Iterator[Any]:
        """A psycopg2 connection in autocommit, kept afterwards, unless an error ended it. Raises as connecting does."""
        connection = self._taken(given)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self.close()
        if not connection.closed and connection.info.transaction_status == TRANSACTION_STATUS_IDLE:
            self._idle.append((given, time.monotonic(), connection))
        else:
            connection.close()

    @contextmanager
    def last(self, given: Mapping[str, str]) -> Iterator[Any]:
        """The same, closed at the end."""
        with closing(self._taken(given)) as connection:
            yield connection

    def close(self) -> None:
        """Close what is kept."""
        while self._idle:
            self._idle.pop()[-1].close()

    def _taken(self, given: Mapping[str, str]) -> Any:
        while self._idle:
            leads_to, since, connection = self._idle.pop()
            if leads_to == given and time.monotonic() - since < SECONDS and not connection.closed:
                return connection
            connection.close()
        return connection_to(given)
