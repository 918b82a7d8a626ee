"""The reading connection: ADBC, one REPEATABLE READ transaction, binary COPY straight into Arrow (R1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql  # type: ignore[import-untyped]
import adbc_driver_postgresql.dbapi as adbc  # type: ignore[import-untyped]
import pyarrow as pa

from floodmark.adapters.postgres.connect import address, milliseconds, starting, uri
from floodmark.adapters.postgres.errors import is_english, mapped, refused_login, sqlstate, told_by_server
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.errors import SourceUnavailable

BATCH_BYTES = 8 * 1024 * 1024
_BATCH = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
_SOON = timedelta(seconds=1)
_ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)


class Overtaken(Exception):
    """A stronger lock was asked for between the holder's lock and ours: it waits for the holder, and we for it."""


@dataclass(kw_only=True)
class Reader:
    """One transaction. ``xmin`` and ``xmax`` are its snapshot's, in 64 bits, once that is taken."""

    where: str
    xmin: int = 0
    xmax: int = 0
    standby: bool = False
    started: str = ""
    system_id: str = ""
    _cursor: Any = field(repr=False)

    def take_snapshot(self, hold: str, lock_timeout: timedelta, *, identified: bool) -> None:
        """The first query, and at once the locks that the read needs, so that none has to be waited for later.

        Raises:
            Overtaken: somebody waits for a stronger lock, and would wait until the holder's end.
        """
        statement = sql.render("postgres/snapshot.sql", {"identified": identified}, quote=name, literal=literal)
        [(xmin, xmax, self.standby, self.started, self.system_id)] = self.rows(statement)
        self.xmin, self.xmax = int(xmin), int(xmax)
        self._run(f"SET LOCAL lock_timeout = {milliseconds(min(_SOON, lock_timeout))}")
        try:
            self.rows(hold)
        except SourceUnavailable as error:
            if error.__cause__ is not None and sqlstate(error.__cause__) == "55P03":
                raise Overtaken(self.where) from error
            raise
        self._run(f"SET LOCAL lock_timeout = {milliseconds(lock_timeout)}")

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        self._run(statement)
        return list(self._cursor.fetchall())

    def _run(self, statement: str) -> None:
        try:
            self._cursor.execute(statement)
        except _ERRORS as error:
            raise mapped(error, f"reading {self.where}") from error

    def batches(self, statement: str) -> Iterator[Any]:
        """Run a query at once; its raw record batches as they are asked for."""
        doing = f"reading {self.where}"
        try:
            self._cursor.execute(statement)
            stream = self._cursor.fetch_record_batch()
        except _ERRORS as error:
            raise mapped(error, doing) from error
        return self._streamed(stream, doing)

    def _streamed(self, stream: Any, doing: str) -> Iterator[Any]:
        while True:
            try:
                batch = stream.read_next_batch()
            except StopIteration:
                return
            except _ERRORS as error:
                raise mapped(error, doing, final=told_by_server(error) and self._speaks_english()) from error
            yield batch

    def _speaks_english(self) -> bool:
        """Whether the server is still there, and its words are those that are known here.

        ADBC gives no SQLSTATE in mid-stream. A lost connection answers nothing, and is no verdict on the data.
        """
        try:
            self._cursor.execute("ROLLBACK")
            self._cursor.execute("SELECT pg_catalog.current_setting('lc_messages')")
            [(language,)] = self._cursor.fetchall()
        except _ERRORS:
            return False
        return is_english(str(language))


@contextmanager
def reader(parameters: Mapping[str, str], settings: Sequence[str], where: str) -> Iterator[Reader]:
    """Connect afresh, since ADBC learns the types only then; begin, and set, which takes no snapshot yet."""
    try:
        connection = starting(parameters, lambda one: adbc.connect(uri(one), autocommit=True), _ERRORS)
    except _ERRORS as error:
        where = address(parameters)
        raise refused_login(error, where, parameters) or mapped(error, f"connecting to {where}") from error
    cursor = None
    try:
        cursor = connection.cursor()
        cursor.adbc_statement.set_options(**{_BATCH: str(BATCH_BYTES)})
        own = Reader(where=where, _cursor=cursor)
        for statement in ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", *settings):
            own._run(statement)
        yield own
    finally:
        _close(connection, cursor)


def _close(connection: Any, cursor: Any) -> None:
    """The cursor before its connection; a stream that is not at its end is cancelled first."""
    with suppress(*_ERRORS):
        if cursor is not None:
            cursor.adbc_cancel()
    with suppress(*_ERRORS):
        if cursor is not None:
            cursor.close()
    with suppress(*_ERRORS):
        connection.close()
