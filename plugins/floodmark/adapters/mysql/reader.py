"""The reading connection: one REPEATABLE READ transaction with its snapshot, rows as lines of CSV (M14, M27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pymysql
import pymysql.cursors

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import packets
from floodmark.adapters.mysql.connect import connected, rows
from floodmark.adapters.mysql.errors import mapped, number_of
from floodmark.adapters.mysql.lines import Lines
from floodmark.adapters.mysql.quote import literal
from floodmark.adapters.overtaken import Overtaken
from floodmark.errors import FloodmarkError, SourceRefused, SourceUnavailable

_ERRORS = (pymysql.err.Error, OSError)
_LOCK_WAIT = 1205
_SOON = timedelta(seconds=1)


@dataclass(kw_only=True)
class Reader:
    """One transaction. ``hidden``: the table has values that no message may hold, and the server's words might.

    ``remark`` begins each statement that streams rows, so that a look knows them for ours.
    """

    where: str
    hidden: bool = False
    remark: str = ""
    _connection: Any = field(repr=False)
    _given: MySQL = field(repr=False)
    _running: Iterator[Lines] | None = field(default=None, repr=False)

    @property
    def connection(self) -> Any:
        """The session, for what is asked of the server beside the table."""
        return self._connection

    def begin(self) -> None:
        """Take the snapshot; an earlier one ends."""
        self._run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        self._run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")

    def hold(self, hold: str, lock_timeout: timedelta) -> None:
        """Take the locks that the read needs, at once, so that none has to be waited for later.

        Raises:
            Overtaken: somebody waits for a stronger lock, and would wait until the holder's end.
        """
        self._run(f"SET SESSION lock_wait_timeout = {seconds(min(_SOON, lock_timeout))}")
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(hold)
                cursor.fetchall()
        except _ERRORS as error:
            if number_of(error) == _LOCK_WAIT:
                raise Overtaken(self.where) from error
            raise mapped(error, f"reading {self.where}") from error  # it has no rows, so no values either
        self._run(f"SET SESSION lock_wait_timeout = {seconds(lock_timeout)}")

    def set_variables(self, variables: Mapping[str, bytes]) -> None:
        """What the statements that follow take from the session, instead of from their own text: keys of masks."""
        for variable, value in variables.items():
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute(f"SET {variable} = {literal(value)}")
            except _ERRORS as error:
                raise mapped(error, f"setting the key of a mask for {self.where}", hidden=True) from None

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        self.end()
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall())
        except _ERRORS as error:
            raise self._mapped(error) from self._cause(error)

    def estimated(self, explain: str) -> int:
        """How many rows the server expects to look at; 0 where its EXPLAIN doesn't say so."""
        with self._connection.cursor(pymysql.cursors.DictCursor) as cursor:
            try:
                cursor.execute(explain)
                return sum(int(one.get("rows") or 0) for one in cursor.fetchall())
            except _ERRORS as error:
                raise self._mapped(error) from self._cause(error)

    def lines(self, statement: str) -> Iterator[Lines]:
        """Run a query of one text column at once; its rows in blocks, as they are asked for."""
        self.end()
        running = packets.texts(self._connection, f"{self.remark} {statement}".strip())
        try:
            next(running)
        except _ERRORS as error:
            raise self._mapped(error) from self._cause(error)
        self._running = running
        return self._streamed(running)

    def _streamed(self, running: Iterator[Lines]) -> Iterator[Lines]:
        while self._running is running:
            try:
                block = next(running, None)
            except packets.TooLong:
                raise SourceRefused(
                    f"reading {self.where}: a row is longer than the server's max_allowed_packet, which gives NULL in "
                    "its place; raise max_allowed_packet (to 1G at most), or exclude the longest column"
                ) from None
            except _ERRORS as error:
                raise self._mapped(error) from self._cause(error)
            if block is None:
                self._running = None
                return
            yield block
        raise SourceUnavailable(f"reading {self.where}: its rows ended, since another query was asked for")

    def end(self) -> None:
        """End what still streams: killed by its number, since a connection gives nothing else before its end."""
        running, self._running = self._running, None
        if running is None:
            return
        with connected(self._given) as other:
            rows(other, f"KILL QUERY {int(self._connection.thread_id())}", f"ending a query of {self.where}")
        with suppress(*_ERRORS, packets.TooLong):
            for _ in running:
                pass

    def cancel(self) -> None:
        """End what runs; from any thread, so by another connection."""
        with suppress(FloodmarkError), connected(self._given) as other:
            rows(other, f"KILL QUERY {int(self._connection.thread_id())}", f"ending a query of {self.where}")

    def _run(self, statement: str) -> None:
        rows(self._connection, statement, f"beginning to read {self.where}")

    def _mapped(self, error: BaseException) -> FloodmarkError:
        return mapped(error, f"reading {self.where}", hidden=self.hidden)

    def _cause(self, error: BaseException) -> BaseException | None:
        """What a traceback may show beside our own words."""
        return None if self.hidden else error


@contextmanager
def reader(
    given: MySQL, where: str, timeout: timedelta | None, *, hidden: bool = False, remark: str = ""
) -> Iterator[Reader]:
    """Connect; the snapshot is taken later. ``remark`` begins each statement that streams rows."""
    with connected(given, timeout=timeout) as connection:
        yield Reader(where=where, hidden=hidden, remark=remark, _connection=connection, _given=given)


def key_texts(row: Sequence[Any]) -> tuple[str, ...]:
    """A key that was selected as texts."""
    return tuple(value.decode() if isinstance(value, bytes) else str(value) for value in row)


def seconds(duration: timedelta) -> int:
    """As the server's settings count; at least one."""
    return max(1, -(-duration // timedelta(seconds=1)))
