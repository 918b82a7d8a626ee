"""The reading connection: ADBC, one REPEATABLE READ transaction, binary COPY straight into Arrow (R1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from floodmark.adapters.overtaken import Overtaken
from floodmark.adapters.postgres.connect import address, milliseconds, starting, uri
from floodmark.adapters.postgres.errors import is_english, mapped, sqlstate, told_by_server, unconnected
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.statement import ERRORS, Statement
from floodmark.core import sql
from floodmark.errors import FloodmarkError

_SOON = timedelta(seconds=1)


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
    _statement: Statement = field(repr=False)

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
            self._statement.execute(hold)
            self._statement.rows()
        except ERRORS as error:
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
                self._statement.execute("SELECT pg_catalog.set_config($1, $2, true) IS NOT NULL", (setting, value))
                self._statement.rows()
            except ERRORS as error:
                raise mapped(error, f"setting the key of a mask for {self.where}", hidden=True) from None

    def cancel(self) -> None:
        """End what runs; from any thread."""
        self._statement.cancel()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        self._execute(statement)
        try:
            return self._statement.rows()
        except ERRORS as error:
            raise self._in_stream(error) from self._cause(error)

    def _run(self, *statements: str) -> None:
        try:
            self._statement.run("; ".join(statements))
        except ERRORS as error:
            raise self._mapped(error) from self._cause(error)

    def _execute(self, statement: str, columns: int = 0) -> None:
        try:
            self._statement.execute(statement, columns=columns)
        except ERRORS as error:
            raise self._mapped(error) from self._cause(error)

    def _mapped(self, error: BaseException, *, final: bool = False) -> FloodmarkError:
        return mapped(error, f"reading {self.where}", final=final, hidden=self.hidden)

    def _cause(self, error: BaseException) -> BaseException | None:
        """What a traceback may show beside our own words."""
        return None if self.hidden else error

    def batches(self, statement: str, columns: int) -> Iterator[Any]:
        """Run a query of so many columns at once; its raw record batches as they are asked for."""
        self._execute(statement, columns)
        return self._streamed()

    def _streamed(self) -> Iterator[Any]:
        batches = self._statement.batches()
        while True:
            try:
                batch = next(batches, None)
            except ERRORS as error:
                raise self._in_stream(error) from self._cause(error)
            if batch is None:
                return
            yield batch

    def _in_stream(self, error: BaseException) -> FloodmarkError:
        return self._mapped(error, final=told_by_server(error) and self._speaks_english())

    def _speaks_english(self) -> bool:
        """Whether the server is still there, and its words are those that are known here.

        ADBC gives no SQLSTATE in mid-stream. A lost connection answers nothing, and is no verdict on the data.
        """
        try:
            self._statement.run("ROLLBACK")
            self._statement.execute("SELECT pg_catalog.current_setting('lc_messages')")
            [(language,)] = self._statement.rows()
        except ERRORS:
            return False
        return is_english(str(language))


@contextmanager
def reader(
    parameters: Mapping[str, str], settings: Sequence[str], where: str, *, hidden: bool = False
) -> Iterator[Reader]:
    """Connect; begin, and set, which takes no snapshot yet."""
    try:
        statement = starting(parameters, lambda one: Statement(uri(one)), ERRORS)
    except ERRORS as error:
        where = address(parameters)
        raise unconnected(error, where, parameters) from error
    with closing(statement):
        own = Reader(where=where, hidden=hidden, _statement=statement)
        own._run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", *settings)
        yield own
