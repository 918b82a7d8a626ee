"""A table that several readers read side by side, in one snapshot: each a stretch of it, in one object each.

The first reader exports its snapshot, the others take it before their first query (PostgreSQL's page "System
Administration Functions", *Snapshot Synchronization Functions*). A row version that the snapshot sees has one place
(``ctid``) as long as the holder keeps stronger locks away, so it lies in one stretch, whatever its key and its
partition, and however the table grows meanwhile. So a stretch of a whole table is one of its blocks. A part of a first
load is found by the index of the key, so a stretch of it is one of its keys.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from floodmark.adapters.postgres.catalog import PLACELESS
from floodmark.adapters.postgres.connect import rows
from floodmark.adapters.postgres.query import Stretch
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.reader import Reader, reader
from floodmark.adapters.several_readers import LEAST_ROWS, by_size, cores, of_the_free, told_alone, walked
from floodmark.core import sql
from floodmark.core.ledger.portion import Part
from floodmark.core.ledger.snapshot import Leaf
from floodmark.core.schema import TableSchema
from floodmark.errors import FatalError, FloodmarkError

log = logging.getLogger(__name__)

LEAST_BLOCKS = 64
"""A stretch is at least so many: a connection for less costs more than it saves."""
LEAST_ROWS_OF_SLICED = 1_000_000
"""Of a smaller table nobody asks how a slice is read."""
_FINDS_STRETCHES = 140_000
"""From this version on ranges of ``ctid`` are found without reading the whole table (its release notes)."""


_EXPLAINING = "asking how a slice would be read"
_SOON = "SET LOCAL lock_timeout = 1000"
"""Whoever waits for a stronger lock waits for the first reader too, which reads it all then."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """Blocks of the largest physical table, bytes of all, and how many connections the server has left."""

    blocks: int
    bytes: int
    connections: int


@dataclass(frozen=True, kw_only=True)
class Shards:
    """``first`` is the reader whose snapshot all take. The others begin with ``settings`` and get ``keys`` of masks.

    ``hold`` gives what locks all that the query touches. ``wanted`` readers there may be; None: as many as its size is
    worth.
    """

    first: Reader
    wanted: int | None
    leaves: Sequence[Leaf]
    hold: Callable[[], str]
    parameters: Mapping[str, str] = field(repr=False)
    settings: Sequence[str]
    keys: Mapping[str, str] = field(repr=False)

    def stretches(self, holder: Any, schema: TableSchema) -> tuple[Stretch, ...]:
        """What each reader takes; none where one reads it all. Why, is logged."""
        if why := _placeless(holder, self.leaves, schema):
            self._tell(why)
            return ()
        size = self._size()
        found = shared_out(size.blocks, self._most(size, size.bytes))
        if found and (why := _alone(holder)):
            self._tell(why)
            return ()
        return found

    def is_large(self, holder: Any, schema: TableSchema, slice_: str) -> bool:
        """Whether a slice is so much of a large table that the server reads all of it, index or not.

        Only then several readers share the work: what an index finds, each of them would look at.
        """
        return schema.estimated_rows >= LEAST_ROWS_OF_SLICED and not schema.undivided and _scans(holder, slice_)

    def parts(
        self, holder: Any, part: Part, end: Callable[[tuple[str, ...], int], tuple[str, ...]]
    ) -> tuple[Part, ...]:
        """The stretches of a part of a first load, as keys; none where one reader reads it. Why, is logged.

        ``end`` gives the key that comes so many rows after another one, in this snapshot.
        """
        if not self.leaves or (most := part.rows // LEAST_ROWS) < 2:
            return ()
        if self.wanted is None:
            size = self._size()
            count = min(most, self._most(size, size.bytes * part.rows // max(part.rows, part.total)))
        else:
            count = min(most, self.wanted)
        if count < 2:
            return ()
        if why := _alone(holder):
            self._tell(why)
            return ()
        found = walked(part, count, end)
        return tuple(found) if len(found) > 1 else ()

    def _size(self) -> Size:
        [(blocks, size, connections)] = self.first.rows(_rendered("size", leaves=[leaf.id for leaf in self.leaves]))
        return Size(blocks=int(blocks), bytes=int(size), connections=int(connections))

    def _most(self, size: Size, wanted: int) -> int:
        """At most so many readers of so many bytes."""
        if self.wanted is not None:
            return self.wanted
        return min(by_size(wanted, cores()), of_the_free(size.connections))

    def _tell(self, why: object) -> None:
        told_alone(log, self.first.where, self.wanted, why)

    def join(self, stack: ExitStack, count: int) -> list[Reader] | None:
        """So many readers in one snapshot, the first among them; None where they can't be had. Why, is logged."""
        try:
            [(snapshot,)] = self.first.rows(_rendered("export_snapshot"))
            settings = [*self.settings, f"SET TRANSACTION SNAPSHOT {literal(str(snapshot))}", _SOON]
            with ExitStack() as opening:
                others = [self._reader(opening, settings) for _ in range(count - 1)]
                stack.push(opening.pop_all())
        except FloodmarkError as error:
            self._tell(f"{count} could not be had: {error}")
            return None
        log.info("%s: %d readers in the snapshot %s", self.first.where, count, snapshot)
        return [self.first, *others]

    def _reader(self, stack: ExitStack, settings: Sequence[str]) -> Reader:
        own = stack.enter_context(reader(self.parameters, settings, self.first.where, hidden=self.first.hidden))
        own.set_keys(self.keys)
        own.rows(self.hold())
        return own


def shared_out(blocks: int, most: int) -> tuple[Stretch, ...]:
    """At most so many stretches of a table of so many blocks, none open but at the two ends; none for less than two."""
    count = min(most, blocks // LEAST_BLOCKS)
    cuts = [blocks * number // count for number in range(1, count)] if count > 1 else []
    ends = zip((None, *cuts), (*cuts, None), strict=True)
    return tuple(Stretch(low=low, high=high) for low, high in ends) if cuts else ()


def _scans(holder: Any, query: str) -> bool:
    """Whether the server would read all of the table for a query. The holder asks, since EXPLAIN can't be copied."""
    rows(holder, "SAVEPOINT explained", _EXPLAINING)
    try:
        plan = "\n".join(line for (line,) in rows(holder, f"EXPLAIN (COSTS FALSE) {query}", _EXPLAINING))
    except FatalError:  # what a plan can't be made for, the read itself will say
        rows(holder, "ROLLBACK TO SAVEPOINT explained", _EXPLAINING)
        return False
    return "Seq Scan" in plan


def _placeless(holder: Any, leaves: Sequence[Leaf], schema: TableSchema) -> str:
    """Why nothing can be shared out by blocks; empty where it can."""
    if schema.undivided or not leaves or any(leaf.access_method != "heap" for leaf in leaves):
        return schema.undivided or PLACELESS
    if holder.server_version < _FINDS_STRETCHES:
        return f"PostgreSQL {holder.server_version} finds no stretch of a table without reading it all; 14 does"
    return ""


def _alone(holder: Any) -> str:
    """Why there can't be several readers in one snapshot; empty where there can."""
    [(backend, exports)] = rows(holder, _rendered("may_share"), "asking whether several may read")
    if holder.info.backend_pid != backend:
        return "the connection leads through a pooler, whose pool may have no further connection while this one is held"
    return "" if exports else "the role may not EXECUTE pg_export_snapshot()"


def _rendered(template: str, **values: Any) -> str:
    return sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
