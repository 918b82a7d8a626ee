"""The reading connection: ADBC, one REPEATABLE READ transaction, binary COPY straight into Arrow (R1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql  # type: ignore[import-untyped]
import adbc_driver_postgresql.dbapi as adbc  # type: ignore[import-untyped]
import pyarrow as pa

from floodmark.adapters.postgres_connect import address, uri
from floodmark.adapters.postgres_errors import mapped
from floodmark.adapters.postgres_quote import literal, name
from floodmark.core import sql

BATCH_BYTES = 8 * 1024 * 1024
_BATCH = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
_ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)


@dataclass(kw_only=True)
class Reader:
    """One snapshot. ``xmin`` and ``xmax`` are the snapshot's, in 64 bits."""

    xmin: int
    xmax: int
    standby: bool
    system_id: str
    where: str
    _cursor: Any = field(repr=False)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a small query."""
        return _rows(self._cursor, statement, self.where)

    def batches(self, statement: str) -> Iterator[Any]:
        """Run a query at once; its raw record batches as they are asked for."""
        doing = f"reading {self.where}"
        try:
            self._cursor.execute(statement)
            stream = self._cursor.fetch_record_batch()
        except _ERRORS as error:
            raise mapped(error, doing) from error
        return _streamed(stream, doing)


@contextmanager
def reader(parameters: Mapping[str, str], settings: Sequence[str], *, identified: bool, where: str) -> Iterator[Reader]:
    """Connect afresh, since ADBC learns the types only then; begin, set, and take the snapshot by the first query."""
    doing = f"taking a snapshot to read {where}"
    try:
        connection = adbc.connect(uri(parameters), autocommit=True)
    except _ERRORS as error:
        raise mapped(error, f"connecting to {address(parameters)}") from error
    cursor = None
    try:
        cursor = connection.cursor()
        cursor.adbc_statement.set_options(**{_BATCH: str(BATCH_BYTES)})
        for statement in ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", *settings):
            _run(cursor, statement, doing)
        statement = sql.render("postgres/snapshot.sql", {"identified": identified}, quote=name, literal=literal)
        [(xmin, xmax, standby, system_id)] = _rows(cursor, statement, where)
        yield Reader(xmin=int(xmin), xmax=int(xmax), standby=standby, system_id=system_id, where=where, _cursor=cursor)
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


def _run(cursor: Any, statement: str, doing: str) -> None:
    try:
        cursor.execute(statement)
    except _ERRORS as error:
        raise mapped(error, doing) from error


def _rows(cursor: Any, statement: str, where: str) -> list[tuple[Any, ...]]:
    try:
        cursor.execute(statement)
        return list(cursor.fetchall())
    except _ERRORS as error:
        raise mapped(error, f"reading {where}") from error


def _streamed(stream: Any, doing: str) -> Iterator[Any]:
    while True:
        try:
            batch = stream.read_next_batch()
        except StopIteration:
            return
        except _ERRORS as error:
            raise mapped(error, doing) from error
        yield batch
