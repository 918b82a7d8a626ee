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

from floodmark.adapters.overtaken import Overtaken
from floodmark.adapters.postgres.connect import address, milliseconds, starting, uri
from floodmark.adapters.postgres.errors import is_english, mapped, refused_login, sqlstate, told_by_server
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.errors import FloodmarkError

BATCH_BYTES = 8 * 1024 * 1024
_BATCH = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
_SOON = timedelta(seconds=1)
_ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)


@dataclass(kw_only=True)
class Reader:
    """One transaction. ``xmin`` and ``xmax`` are its snapshot's, in 64 bits, once that is taken.

    ``hidden``: the table has values that no message may hold, and the server's words might.
    """

    where: str
    xmin: int = 0
    xmax: int = 0
    standby: bool = False
    started: str = ""
    system_id: str = ""
    hidden: bool = False
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
            self._cursor.execute(hold)
            self._cursor.fetchall()
        except _ERRORS as error:
            if sqlstate(error) == "55P03":
                raise Overtaken(self.where) from error
            raise mapped(error, f"reading {self.where}") from error  # it has no rows, so no values either
        self._run(f"SET LOCAL lock_timeout = {milliseconds(lock_timeout)}")

    def set_keys(self, settings: Mapping[str, str]) -> None:
        """What the statements that follow take from the session, instead of from their own text: keys of masks.

        Bound, so that no text has them; only once the snapshot is taken, since this would take it (R1).
        """
        for setting, value in settings.items():
            try:
                self._cursor.execute("SELECT pg_catalog.set_config($1, $2, true) IS NOT NULL", (setting, value))
                self._cursor.fetchall()
            except _ERRORS as error:
                raise mapped(error, f"setting the key of a mask for {self.where}", hidden=True) from None

    def cancel(self) -> None:
        """End what runs; from any thread."""
        with suppress(*_ERRORS):
            self._cursor.adbc_cancel()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        self._run(statement)
        try:
            return list(self._cursor.fetchall())
        except _ERRORS as error:
            raise self._in_stream(error) from self._cause(error)

    def _run(self, statement: str) -> None:
        try:
            self._cursor.execute(statement)
        except _ERRORS as error:
            raise self._mapped(error) from self._cause(error)

    def _mapped(self, error: BaseException, *, final: bool = False) -> FloodmarkError:
        return mapped(error, f"reading {self.where}", final=final, hidden=self.hidden)

    def _cause(self, error: BaseException) -> BaseException | None:
        """What a traceback may show beside our own words."""
        return None if self.hidden else error

    def batches(self, statement: str) -> Iterator[Any]:
        """Run a query at once; its raw record batches as they are asked for."""
        try:
            self._cursor.execute(statement)
            stream = self._cursor.fetch_record_batch()
        except _ERRORS as error:
            raise self._mapped(error) from self._cause(error)
        return self._streamed(stream)

    def _streamed(self, stream: Any) -> Iterator[Any]:
        while True:
            try:
                batch = stream.read_next_batch()
            except StopIteration:
                return
            except _ERRORS as error:
                raise self._in_stream(error) from self._cause(error)
            yield batch

    def _in_stream(self, error: BaseException) -> FloodmarkError:
        return self._mapped(error, final=told_by_server(error) and self._speaks_english())

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
def reader(
    parameters: Mapping[str, str], settings: Sequence[str], where: str, *, hidden: bool = False
) -> Iterator[Reader]:
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
        own = Reader(where=where, hidden=hidden, _cursor=cursor)
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
