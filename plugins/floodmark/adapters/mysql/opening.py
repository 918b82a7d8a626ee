"""How a table of MySQL comes to be held still (M13, M14): a holder that keeps the definitions, a reader that reads.

The holder's transaction has the metadata locks of all that the query touches before the reader takes its snapshot, and
stays open. So no change of the table's shape can come between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import catalog, shards
from floodmark.adapters.mysql.choosing import choose
from floodmark.adapters.mysql.connect import account, connected, rows
from floodmark.adapters.mysql.durable import flushed, log_end
from floodmark.adapters.mysql.history import is_same_start, place
from floodmark.adapters.mysql.leaves import leaves
from floodmark.adapters.mysql.masks import pads, variables_of
from floodmark.adapters.mysql.query import Query
from floodmark.adapters.mysql.reader import Reader, reader, seconds
from floodmark.adapters.mysql.reading import MySQLReading
from floodmark.adapters.mysql.replica import UNPROVED, Position, wait_for_changes
from floodmark.adapters.mysql.result import describe_result
from floodmark.adapters.mysql.server import Facts, facts
from floodmark.adapters.overtaken import Overtaken
from floodmark.adapters.pace import Pace
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceChanged, SourceRefused, SourceUnavailable

_TRIES = 3


@contextmanager
def opened(
    given: MySQL,
    selection: Selection,
    *,
    keys: Mapping[str, bytes] | None = None,
    remark: str = "",
    after: Position | None = None,
) -> Iterator[MySQLReading]:
    """Hold the selection's table still and take a snapshot (R1, R2). All is closed at the end, the reader first.

    ``keys`` of masks are by their connections. ``remark`` begins each statement that streams rows. On a replica no
    snapshot is taken before it has applied what its primary had ``after`` the look (R8).
    """
    where = f"{selection.schema}.{selection.name}"
    for _ in range(_TRIES):
        with ExitStack() as stack:
            try:
                found = _open(stack, given, selection, keys=keys or {}, remark=remark, after=after)
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
    given: MySQL,
    selection: Selection,
    *,
    keys: Mapping[str, bytes],
    remark: str,
    after: Position | None,
) -> MySQLReading:
    """One try. Raises ``Overtaken`` where the table changed, or is about to."""
    where = f"{selection.schema}.{selection.name}"
    holder = stack.enter_context(connected(given))
    wait_for_changes(holder, where, after)
    schema = described(holder, selection, where)
    hidden = selection.hides(schema.names)

    def connect(stack: ExitStack) -> Reader:
        return stack.enter_context(reader(given, where, selection.statement_timeout, hidden=hidden, remark=remark))

    reading = connect(stack)
    rows(holder, f"SET SESSION lock_wait_timeout = {seconds(selection.lock_timeout)}", f"beginning to read {where}")
    rows(holder, "START TRANSACTION READ ONLY", f"beginning to read {where}")
    hold = Query(selection=selection, schema=schema).holder()
    rows(holder, hold, f"holding {where} still")
    beginning = shards.Beginning(
        given=given, selection=selection, schema=schema, holder=holder, first=reading, further=connect
    )  # fmt: skip
    readers = beginning.readers(stack)
    for one in readers:
        one.hold(hold, selection.lock_timeout)
    held = described(holder, selection, where)
    if (held.columns, held.identity) != (schema.columns, schema.identity):
        raise Overtaken(where)
    engine = tuple(_of_engine(holder, selection))
    stands = facts(holder, f"beginning to read {where}")
    for one in readers:
        _same_server(stands, facts(one.connection, f"beginning to read {where}"), where)
    whole = held.indexable and not selection.sql
    physical, unseen = leaves(holder, selection.schema, selection.name, whole=whole)
    log = log_end(holder, stands)
    variables = variables_of(selection.masks)
    for connection, key in keys.items():
        inner, outer = pads(key)
        for one in readers:
            one.set_variables({f"{variables[connection]}_inner": inner, f"{variables[connection]}_outer": outer})
    return MySQLReading(
        schema=held,
        snapshot=Snapshot(server=after.server if after else stands.identity, place=place(stands, log)),
        leaves=physical,
        catalog=catalog.parts(holder, held),
        assumptions=(
            *_of_words(selection),
            *engine,
            *unseen,
            *catalog.untold(holder, held),
            *_untold(holder, stands, log, after),
        ),
        _query=Query(selection=selection, schema=held),
        _holder=holder,
        _reader=reading,
        _readers=tuple(readers),
        _pace=Pace(selection.max_rate),
        _durable=lambda: not log or flushed(holder, log),
    )


def _same_server(holder: Facts, reader: Facts, where: str) -> None:
    if holder.identity != reader.identity or not is_same_start(holder.started, reader.started):
        told = " and ".join(f"{one.identity}, running since {one.started:%F %T}" for one in (holder, reader))
        raise SourceUnavailable(
            f"{where}: two connections reached two servers ({told}); the connection must lead to one"
        )


def _untold(holder: Any, stands: Facts, log: str, after: Position | None) -> Iterator[str]:
    """What this server kept to itself (R7, R8)."""
    if not log:
        told = account(holder)
        yield f"the server doesn't tell whether what was seen is durable; GRANT PROCESS ON *.* TO {told}"
    if after is not None and after.server != stands.identity and not after.gtids:
        yield UNPROVED


def _of_words(selection: Selection) -> Iterator[str]:
    """What a user's own words may mean otherwise than in MySQL's own client, whose mode has escapes (M15)."""
    for what, text in (("where", selection.where), ("the SELECT", selection.sql)):
        if "\\" in text:
            yield (
                f"{what} holds a backslash, which in a text of Floodmark's sessions is itself (NO_BACKSLASH_ESCAPES), "
                "and in MySQL's own client escapes what follows; where that is meant, write CHAR(10), or LIKE ... "
                "ESCAPE '|'"
            )


def _of_engine(holder: Any, selection: Selection) -> Iterator[str]:
    """A table without transactions moves under a snapshot (M16). Raises ``SourceRefused`` for slices of one."""
    if selection.sql:
        return
    engine = catalog.engine(holder, selection.schema, selection.name)
    if not (why := catalog.restless(selection.schema, selection.name, engine)):
        return
    if selection.cursor:
        raise SourceRefused(f"{selection.schema}.{selection.name}: {why}")
    yield f"the engine {engine} has no transactions: the table may have moved while it was read"


def described(holder: Any, selection: Selection, where: str) -> TableSchema:
    """The table as it is now, with all that the selection names."""
    if selection.sql:
        query = Query(selection=selection, schema=TableSchema(schema="", name="", columns=()))
        schema = describe_result(holder, selection.schema, selection.name, query.result())
    else:
        schema = catalog.describe(holder, selection.schema, selection.name)
    named = (*selection.columns, *selection.cursor)
    if missing := [column for column in dict.fromkeys(named) if column not in schema.names]:
        raise SourceChanged(f"{where} has no column {', '.join(missing)}; it has: {', '.join(schema.names)}")
    return choose(schema, selection.choices)
