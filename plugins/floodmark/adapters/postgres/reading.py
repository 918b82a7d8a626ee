"""A table of PostgreSQL held still, in one snapshot (R1-R3): a holder that keeps the locks, a reader that reads.

The holder (psycopg2) locks all that the query touches before the reader (ADBC) takes its snapshot, and stays open.
So no change of the table's shape can come between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg2

from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.adapters.postgres import catalog
from floodmark.adapters.postgres.comparison import PostgresComparison
from floodmark.adapters.postgres.connect import connected, rows, transaction_settings
from floodmark.adapters.postgres.durable import flushed
from floodmark.adapters.postgres.errors import sqlstate
from floodmark.adapters.postgres.history import lsn_of, place
from floodmark.adapters.postgres.masks import pads, settings_of
from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.reader import Overtaken, Reader, reader
from floodmark.adapters.postgres.selected import carriage
from floodmark.adapters.postgres.standby import Position, wait_for_replay
from floodmark.adapters.postgres.zones import refuse_other_rules
from floodmark.core import sql
from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import Leaf, Snapshot
from floodmark.core.ports import Selection
from floodmark.core.reconcile import Scope
from floodmark.core.schema import TableSchema
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceChanged, SourceRefused, SourceUnavailable

_NOT_OFFERED = ("42501", "42883", "0A000")
_TRIES = 3
_OLDEST_COMPARED = 140_000
"""It has ``bit_xor``, and ``extract`` gives exact numbers."""


@dataclass(kw_only=True)
class PostgresReading:
    """Implements :class:`~floodmark.core.ports.Reading`. ``assumptions`` are what this server kept to itself (R7)."""

    schema: TableSchema
    snapshot: Snapshot
    leaves: tuple[Leaf, ...]
    catalog: tuple[CatalogPart, ...] = ()
    assumptions: tuple[str, ...] = ()
    _query: Query = field(repr=False)
    _holder: Any = field(repr=False)
    _reader: Reader = field(repr=False)
    _parameters: Mapping[str, str] = field(repr=False)

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        """The text that :meth:`rows` runs. Raises ``SourceRefused`` for a zone of other rules than ours (R35)."""
        refuse_other_rules(self._holder, self._query.selection, self.schema, spans or ())
        return self._query.rows(spans, read_at, part)

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> ArrowRows:
        """Read; the rows of an earlier call end. Raises ``SourceUnavailable``, ``SourceChanged``, ``BadValue``."""
        return self._selected(
            self.query(spans, read_at, part),
            verify=self._query.selection.verify,
            leaving=spans is not None and bool(self._query.selection.key),
            flagged=spans is not None and self._query.selection.leaving,
            digested=spans is None and part is None,
            recheck=[span.interval for span in spans or () if span.recheck],
        )

    def set_keys(self, keys: Mapping[str, bytes]) -> None:
        """Give the session the keys of masks, by their connections."""
        settings = settings_of(self._query.selection.masks)
        self._reader.set_keys({settings[one]: pads(key) for one, key in keys.items()})

    def staged(self, *_: Any) -> None:
        """Nothing: its rows are handed over."""

    def census(self, scope: Scope) -> Census:
        """All selected rows of this snapshot, by class (R36)."""
        return Census(**{name: int(rows) for name, rows in self._reader.rows(self._query.compared("census", scope))})

    def comparison(self, scope: Scope) -> PostgresComparison:
        """Its keys and rows by hash, in this snapshot (R25). Raises ``SourceRefused`` before PostgreSQL 14."""
        if self._holder.server_version < _OLDEST_COMPARED:
            raise SourceRefused(
                f"{self._reader.where}: to reconcile needs PostgreSQL 14, this one is {self._holder.server_version}: "
                "write deletes: ignore, or soft, and reload the table now and then"
            )
        return PostgresComparison(scope=scope, _query=self._query, _reader=self._reader, _selected=self._selected)

    def _selected(
        self,
        statement: str,
        *,
        verify: str = "none",
        leaving: bool = True,
        flagged: bool = False,
        digested: bool = False,
        recheck: Sequence[Interval] = (),
    ) -> ArrowRows:
        selection = self._query.selection
        batches = self._reader.batches(statement)
        # The statement has its own locks now; if the holder lost its own before that, the table may have changed.
        rows(self._holder, "SELECT 1", "the connection that held the table still was lost")
        return ArrowRows(
            batches,
            {selection.in_target(column): carriage(selection, self.schema, column) for column in selection.columns},
            table=f"{selection.schema}.{selection.name}",
            key=selection.all_in_target(selection.key),
            cursor=selection.all_in_target(selection.cursor),
            soft=selection.in_target(selection.soft),
            bad_values=selection.bad_values,
            leaving=leaving,
            flagged=flagged,
            matched=bool(selection.cursor),
            partition_by=selection.in_target(selection.partition_by),
            partition_unit=selection.partition_unit,
            verify=verify,
            digested=digested,
            recheck=recheck,
        )

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        """The key, as texts, of the row that comes ``rows`` after ``low``; empty where there are fewer (R24)."""
        found = self._reader.rows(self._query.part_end(low, rows))
        return tuple(str(value) for value in found[0]) if found else ()

    def counts(self) -> tuple[int, int]:
        """Rows whose cursor is null or infinite, and rows whose cursor lies in the future, in this snapshot (R22)."""
        if not self._query.selection.cursor:
            return (0, 0)
        [(timeless, future)] = self._reader.rows(self._query.counts())
        return (int(timeless), int(future))

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        """For each span, how many rows it would read, in this snapshot (R21)."""
        if not spans:
            return ()
        refuse_other_rules(self._holder, self._query.selection, self.schema, spans)
        [counts] = self._reader.rows(self._query.fresh(spans))
        return tuple(int(count) for count in counts)

    def durable(self) -> bool:
        """Whether the log is flushed up to where it stood after the snapshot (R3).

        On a standby, and where the server doesn't tell (see ``assumptions``): yes.
        """
        lsn = lsn_of(self.snapshot)
        if not lsn or self._reader.standby:
            return True
        return flushed(self._holder, self._parameters, lsn)


@contextmanager
def opened(
    parameters: Mapping[str, str],
    selection: Selection,
    application: str,
    after: Position | None = None,
    last: Snapshot | None = None,
    *,
    keys: Mapping[str, bytes] | None = None,
) -> Iterator[PostgresReading]:
    """Hold the selection's table still and take a snapshot (R1, R2). All is closed at the end, the reader first.

    On a standby no snapshot is taken before the log has been replayed up to ``after``, and to the table's ``last``
    snapshot (R8). ``keys`` of masks are by their connections.
    """
    where = f"{selection.schema}.{selection.name}"

    def ready(server: Any) -> None:
        wait_for_replay(server, where, after, last)

    for _ in range(_TRIES):
        with ExitStack() as stack:
            try:
                found = _open(stack, parameters, selection, application, ready)
                found.set_keys(keys or {})
            except Overtaken:
                continue  # whoever waits for the stronger lock goes first; then we see what became of the table
            yield found
            return
    raise SourceUnavailable(
        f"{where}: each of {_TRIES} tries to hold it still was overtaken by a session that asked for a stronger lock "
        "or changed its columns, as ALTER TABLE does"
    )


def _open(
    stack: ExitStack,
    parameters: Mapping[str, str],
    selection: Selection,
    application: str,
    ready: Callable[[Any], None],
) -> PostgresReading:
    """One try. The reader is made ready before anything is locked, and locks the same right after the holder.

    Raises:
        Overtaken: the table changed, or is about to.
    """
    where = f"{selection.schema}.{selection.name}"
    holder = stack.enter_context(connected(parameters))
    ready(holder)
    version, wait = holder.server_version, selection.lock_timeout
    begin = ["BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", *transaction_settings(application, version, wait, None)]
    rows(holder, "; ".join(begin), f"beginning to read {where}")
    stack.callback(_end, holder)
    system_id = _offered(holder, "system_id") or ""
    schema = _described(holder, selection, where)
    hold = Query(selection=selection, schema=schema).holder()
    settings = transaction_settings(application, version, wait, selection.statement_timeout)
    hidden = selection.hides(schema.names)
    reading = stack.enter_context(reader(parameters, settings, where, hidden=hidden))
    rows(holder, hold, f"holding {where} still")
    reading.take_snapshot(hold, wait, identified=bool(system_id))
    leaves = catalog.leaves(holder)
    parts = catalog.parts(holder, where=selection.where, own=selection.sql)
    held = _described(holder, selection, where)
    if (held.columns, held.identity) != (schema.columns, schema.identity):
        raise Overtaken(where)
    _same_server(holder, reading, system_id)
    position = _offered(holder, "position", standby=reading.standby)
    lsn, timeline, era = position or ("", "", "")
    following = "" if reading.standby or reading.xmax is None else str(reading.xmax)
    database = _offered(holder, "database") or ""
    told = place(timeline=timeline, lsn=lsn, era=era, database=database, following=following)
    return PostgresReading(
        schema=held,
        snapshot=Snapshot(base=reading.xmin, server=system_id, place=told),
        leaves=leaves,
        catalog=parts,
        assumptions=tuple(_untold(position, standby=reading.standby)),
        _query=Query(selection=selection, schema=held, xmax=reading.xmax),
        _holder=holder,
        _reader=reading,
        _parameters=parameters,
    )


def _same_server(holder: Any, reading: Reader, system_id: str) -> None:
    statement = sql.render("postgres/server.sql", {}, quote=name, literal=literal)
    [(standby, started)] = rows(holder, statement, reading.where)
    mine, other = (system_id, standby, started), (reading.system_id, reading.standby, reading.started)
    if mine != other:
        told = " and ".join(f"cluster {one[0]}, standby {one[1]}, running since {one[2]}" for one in (mine, other))
        raise SourceUnavailable(
            f"{reading.where}: two connections reached two servers ({told}); the connection must lead to one"
        )


def _untold(position: Any, *, standby: bool) -> Iterator[str]:
    """What this server kept to itself (R7, R8)."""
    if not position:
        yield "the server doesn't tell whether what was seen is durable"
    elif standby and not position[1]:
        yield "the standby doesn't tell which timeline it follows; GRANT pg_read_all_stats, and see that it streams"


def _described(holder: Any, selection: Selection, where: str) -> TableSchema:
    """The table as it is now, with all that the selection names."""
    if selection.sql:
        query = Query(selection=selection, schema=TableSchema(schema="", name="", columns=()))
        schema = catalog.describe_result(holder, selection.schema, selection.name, query.result())
    else:
        schema = catalog.describe(holder, selection.schema, selection.name)
    named = (*selection.columns, *selection.cursor)
    if missing := [column for column in dict.fromkeys(named) if column not in schema.names]:
        raise SourceChanged(f"{where} has no column {', '.join(missing)}; it has: {', '.join(schema.names)}")
    return schema


def _offered(holder: Any, template: str, **values: Any) -> Any:
    """The one row of a query that a service may not offer to this role: its value, or its tuple; None if it doesn't."""
    statement = sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
    with holder.cursor() as cursor:
        try:
            cursor.execute("SAVEPOINT offered")
            cursor.execute(statement)
            row = cursor.fetchone()
        except psycopg2.Error as error:
            if sqlstate(error) not in _NOT_OFFERED:
                raise SourceUnavailable(f"asking the source where it stands: {error}") from error
            cursor.execute("ROLLBACK TO SAVEPOINT offered")
            return None
    return row[0] if len(row) == 1 else row


def _end(holder: Any) -> None:
    """Give the locks back; a connection that is gone has done so."""
    try:
        with holder.cursor() as cursor:
            cursor.execute("ROLLBACK")
    except psycopg2.Error:
        return
