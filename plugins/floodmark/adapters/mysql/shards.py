"""A table of MySQL that several readers read side by side, as it was at one moment: each takes some of its keys.

Sessions of MySQL can't share a snapshot. So each takes one of its own while nobody can commit a change of the table:
a session of ours holds ``LOCK TABLES ... READ`` for that long, some milliseconds (MySQL's page "LOCK TABLES and
UNLOCK TABLES"). It gets it once no transaction is open that has changed the table, by a foreign key either. Of one
that is prepared (XA), and whose session is gone, only InnoDB's own lock of the table knows, which is taken where
autocommit is off. Who would write to the table waits behind us while we wait, so we wait for a second at most for
each of the two, and only where somebody asked for several readers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql.connect import account, connected, rows
from floodmark.adapters.mysql.errors import number_of
from floodmark.adapters.mysql.history import is_same_start
from floodmark.adapters.mysql.query import Query
from floodmark.adapters.mysql.quote import name
from floodmark.adapters.mysql.reader import Reader, key_texts
from floodmark.adapters.mysql.server import Facts, facts
from floodmark.adapters.several_readers import LEAST_ROWS, between, told_alone, walked
from floodmark.core.ledger.portion import Part
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import FloodmarkError, SourceRefused, SourceUnavailable

log = logging.getLogger(__name__)

_DENIED = (1044, 1045, 1142)
_WHOLE_NUMBERS = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint"})
_UNEVEN = 1.6
"""So many times its share of the rows is too much for one reader, as the server estimates them."""
_BRIEFLY = (
    "SET SESSION autocommit = 0, SESSION innodb_table_locks = 1, "
    "SESSION lock_wait_timeout = 1, SESSION innodb_lock_wait_timeout = 1"
)


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """How the snapshots of a read are taken: ``first`` is the reader that there is in any case, ``holder`` holds all.

    ``further`` gives one more reader, as long as the stack is open.
    """

    given: MySQL
    selection: Selection
    schema: TableSchema
    holder: Any
    first: Reader
    further: Callable[[ExitStack], Reader]

    def readers(self, stack: ExitStack) -> list[Reader]:
        """Those that the read needs, with their snapshots taken.

        The first alone where the table is small or isn't read whole, and where no more can be had: why, is logged.
        """
        if self.selection.whole and (self.selection.readers or 1) > 1:
            try:
                if several := self._several(stack):
                    return several
            except FloodmarkError as error:
                told_alone(log, self.first.where, self.selection.readers, error)
        self.first.begin()
        return [self.first]

    def _several(self, stack: ExitStack) -> list[Reader]:
        """None for a small table. Raises ``SourceRefused``, ``SourceUnavailable``: why it can't be read so."""
        selection, schema = self.selection, self.schema
        if schema.undivided:
            raise SourceRefused(schema.undivided)
        if (count := min(selection.readers or 1, schema.estimated_rows // LEAST_ROWS)) < 2:
            return []
        server = facts(self.holder, f"beginning to read {self.first.where}")
        if server.heedless:
            raise SourceRefused(f"{server.heedless}: they wait for no lock")
        with ExitStack() as opening:
            readers = [self.first, *(self.further(opening) for _ in range(count - 1))]
            with self._unwritten(server):
                for one in readers:
                    one.begin()
            stack.push(opening.pop_all())
        return readers

    @contextmanager
    def _unwritten(self, server: Facts) -> Iterator[None]:
        """Nobody commits a change of the table within the block.

        Raises ``SourceRefused``, ``SourceUnavailable``: it can't be had, or was lost on the way.
        """
        doing = f"locking {self.first.where} for a moment"
        with connected(self.given) as session:
            rows(session, _BRIEFLY, doing)
            found = facts(session, doing)
            if found.identity != server.identity or not is_same_start(found.started, server.started):
                raise SourceUnavailable(f"{doing}: two connections reached two servers; they must reach one")
            self._lock(session, doing)
            [(began,)] = rows(session, "SELECT CONNECTION_ID()", doing)
            yield
            [(ended,)] = rows(session, "SELECT CONNECTION_ID()", doing)
            rows(session, "UNLOCK TABLES", doing)
        if not began == ended == session.thread_id():
            raise SourceUnavailable(f"{doing}: a pooler gives one connection several sessions")

    def _lock(self, session: Any, doing: str) -> None:
        schema = name(self.selection.schema)
        try:
            rows(session, f"LOCK TABLES {schema}.{name(self.selection.name)} READ", doing)
        except SourceRefused as error:
            if error.__cause__ is None or number_of(error.__cause__) not in _DENIED:
                raise
            grant = f"GRANT LOCK TABLES ON {schema}.* TO {account(session)}"
            raise SourceRefused(f"{doing}: the account may not; {grant}; or write readers: 1") from error


def stretches(reader: Reader, query: Query, whole: Part, most: int) -> tuple[tuple[str, ...], list[Part]]:
    """The columns of the primary key that tell stretches of the ``whole`` table apart, and at most so many of these.

    Whole numbers are shared out evenly between the least and the greatest, if that gives each about as many rows;
    otherwise the key's index is walked from one stretch's end to the next.
    """
    schema = query.schema
    leading = schema.key[:1]
    if schema.column(leading[0]).base_type.removesuffix(" unsigned") in _WHOLE_NUMBERS:
        [(least, greatest)] = reader.rows(query.ends(leading[0]))
        found = between(whole, [(str(cut),) for cut in evenly(least, greatest, most)])
        if _is_even([reader.estimated(query.estimate(one, leading)) for one in found]):
            return leading, found
    return schema.key, _walked(reader, query, replace(whole, rows=schema.estimated_rows), most, schema.key)


def of_part(reader: Reader, query: Query, part: Part, most: int) -> list[Part]:
    """A part of a first load in at most so many stretches of its key."""
    return _walked(reader, query, part, most, query.selection.key)


def evenly(least: int | None, greatest: int | None, count: int) -> list[int]:
    """The last numbers of all stretches but the last, in order; none where there are no numbers."""
    if least is None or greatest is None:
        return []
    cuts = {least + (greatest - least) * number // count for number in range(1, count)}
    return sorted(cuts - {greatest})


def _walked(reader: Reader, query: Query, part: Part, most: int, along: tuple[str, ...]) -> list[Part]:
    def end(low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        found = reader.rows(query.part_end(low, rows, along=along, high=part.high))
        return key_texts(found[0]) if found else ()

    return walked(part, min(most, part.rows // LEAST_ROWS), end)


def _is_even(estimates: Sequence[int]) -> bool:
    return bool(estimates) and max(estimates) * len(estimates) <= _UNEVEN * sum(estimates)
