"""How a table of PostgreSQL comes to be held still (R1-R3): a holder that keeps the locks, a reader that reads.

The holder (psycopg2) locks all that the query touches before the reader (ADBC) takes its snapshot, and stays open.
So no change of the table's shape can come between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import psycopg2

from floodmark.adapters.overtaken import Overtaken
from floodmark.adapters.pace import Pace
from floodmark.adapters.postgres import catalog
from floodmark.adapters.postgres.choosing import choose
from floodmark.adapters.postgres.connect import connected, rows, transaction_settings
from floodmark.adapters.postgres.errors import sqlstate
from floodmark.adapters.postgres.history import place
from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.reader import Reader, reader
from floodmark.adapters.postgres.reading import PostgresReading
from floodmark.adapters.postgres.standby import Position, wait_for_replay
from floodmark.core import sql
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceChanged, SourceRefused, SourceUnavailable

_NOT_OFFERED = ("42501", "42883", "0A000")
_TRIES = 3


@contextmanager
def opened(
    parameters: Mapping[str, str],
    selection: Selection,
    application: str,
    after: Position | None = None,
    last: Snapshot | None = None,
    *,
    keys: Mapping[str, bytes] | None = None,
    known: TableSchema | None = None,
    connect: Callable[[Mapping[str, str]], AbstractContextManager[Any]] = connected,
) -> Iterator[PostgresReading]:
    """Hold the selection's table still and take a snapshot (R1, R2). All is closed at the end, the reader first.

    On a standby no snapshot is taken before the log has been replayed up to ``after``, and to the table's ``last``
    snapshot (R8). ``keys`` of masks are by their connections. ``known`` is what the table was a moment ago: if it
    is so still once it is locked, it needn't be described before as well. ``connect`` gives the holder's connection.
    """
    where = f"{selection.schema}.{selection.name}"

    def ready(server: Any) -> None:
        wait_for_replay(server, where, after, last)

    for _ in range(_TRIES):
        with ExitStack() as stack:
            before, known = known, None
            try:
                found = _open(stack, parameters, selection, application, ready=ready, known=before, connect=connect)
                found.set_keys(keys or {})
            except Overtaken:
                continue  # whoever waits for the stronger lock goes first; then we see what became of the table
            except (SourceChanged, SourceRefused):
                if before is None:
                    raise
                continue  # the table may be another by now
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
    *,
    ready: Callable[[Any], None],
    known: TableSchema | None,
    connect: Callable[[Mapping[str, str]], AbstractContextManager[Any]],
) -> PostgresReading:
    """One try. The reader is made ready before anything is locked, and locks the same right after the holder.

    Raises:
        Overtaken: the table changed, or is about to.
    """
    where = f"{selection.schema}.{selection.name}"
    holder = stack.enter_context(connect(parameters))
    ready(holder)
    version, wait = holder.server_version, selection.lock_timeout
    begin = ["BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", *transaction_settings(application, version, wait, None)]
    rows(holder, "; ".join(begin), f"beginning to read {where}")
    stack.callback(_end, holder)
    system_id = _offered(holder, "system_id") or ""
    schema = known or _described(holder, selection, where)
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
        _pace=Pace(selection.max_rate),
        _settings=settings,
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
    return choose(schema, selection.choices, holder.server_version)


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
