"""A table that several readers read side by side, in one snapshot: each a stretch of it, in one object each.

The first reader exports its snapshot, the others take it before their first query (PostgreSQL's page "System
Administration Functions", *Snapshot Synchronization Functions*). A row version that the snapshot sees has one place
(``ctid``) as long as the holder keeps stronger locks away, so it lies in one stretch, whatever its key and its
partition, and however the table grows meanwhile. So a stretch of a whole table is one of its blocks. A part of a first
load is found by the index of the key, so a stretch of it is one of its keys.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from floodmark.adapters.postgres.connect import rows
from floodmark.adapters.postgres.query import Stretch
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.reader import Reader, reader
from floodmark.core import sql
from floodmark.core.ledger.manifest import Manifest, together
from floodmark.core.ledger.portion import Part
from floodmark.core.ledger.snapshot import Leaf
from floodmark.core.ports import Rows, Stage
from floodmark.core.schema import TableSchema
from floodmark.errors import FloodmarkError

log = logging.getLogger(__name__)

LEAST_BLOCKS = 64
"""A stretch is at least so many: a connection for less costs more than it saves."""
LEAST_ROWS = 10_000
"""So is a stretch of keys at least so many rows."""
_FINDS_STRETCHES = 140_000
"""From this version on ranges of ``ctid`` are found without reading the whole table (its release notes)."""


_SOON = "SET LOCAL lock_timeout = 1000"
"""Whoever waits for a stronger lock waits for the first reader too, which reads it all then."""


class _Stopped(Exception):
    """Another reader failed, so this one ends."""


@dataclass(frozen=True, kw_only=True)
class Shards:
    """``first`` is the reader whose snapshot all take. The others begin with ``settings`` and get ``keys`` of masks.

    ``hold`` locks what the query touches.
    """

    first: Reader
    hold: str
    parameters: Mapping[str, str] = field(repr=False)
    settings: Sequence[str]
    keys: Mapping[str, str] = field(repr=False)

    def stretches(self, holder: Any, leaves: Sequence[Leaf], schema: TableSchema, most: int) -> tuple[Stretch, ...]:
        """What each reader takes; none where one reads it all. Why, is logged."""
        if why := _placeless(holder, leaves, schema) or _alone(holder):
            log.warning("%s: shards: %d: one reader reads it all: %s", self.first.where, most, why)
            return ()
        oids = [leaf.id for leaf in leaves]
        [(blocks,)] = self.first.rows(_rendered("blocks", leaves=oids))
        return shared_out(int(blocks), most)

    def parts(
        self, holder: Any, part: Part, most: int, end: Callable[[tuple[str, ...], int], tuple[str, ...]]
    ) -> tuple[Part, ...]:
        """The stretches of a part of a first load, as keys; none where one reader reads it. Why, is logged.

        ``end`` gives the key that comes so many rows after another one, in this snapshot.
        """
        if (count := min(most, part.rows // LEAST_ROWS)) < 2:
            return ()
        if why := _alone(holder):
            log.warning("%s: shards: %d: one reader reads each part: %s", self.first.where, most, why)
            return ()
        cuts: list[tuple[str, ...]] = [part.low]
        while len(cuts) < count and (cut := end(cuts[-1], part.rows // count)):
            cuts.append(cut)
        ends = zip(cuts, [*cuts[1:], part.high], strict=True)
        return tuple(replace(part, low=low, high=high) for low, high in ends) if len(cuts) > 1 else ()

    def join(self, stack: ExitStack, count: int) -> list[Reader] | None:
        """So many readers in one snapshot, the first among them; None where they can't be had. Why, is logged."""
        try:
            [(snapshot,)] = self.first.rows(_rendered("export_snapshot"))
            settings = [*self.settings, f"SET TRANSACTION SNAPSHOT {literal(str(snapshot))}", _SOON]
            with ExitStack() as opening:
                others = [self._reader(opening, settings) for _ in range(count - 1)]
                stack.push(opening.pop_all())
        except FloodmarkError as error:
            log.warning("%s: one reader reads it all: %d could not be had: %s", self.first.where, count, error)
            return None
        log.info("%s: %d readers in the snapshot %s", self.first.where, count, snapshot)
        return [self.first, *others]

    def _reader(self, stack: ExitStack, settings: Sequence[str]) -> Reader:
        own = stack.enter_context(reader(self.parameters, settings, self.first.where, hidden=self.first.hidden))
        own.set_keys(self.keys)
        own.rows(self.hold)
        return own


def shared_out(blocks: int, most: int) -> tuple[Stretch, ...]:
    """At most so many stretches of a table of so many blocks, none open but at the two ends; none for less than two."""
    count = min(most, blocks // LEAST_BLOCKS)
    cuts = [blocks * number // count for number in range(1, count)] if count > 1 else []
    ends = zip((None, *cuts), (*cuts, None), strict=True)
    return tuple(Stretch(low=low, high=high) for low, high in ends) if cuts else ()


def _placeless(holder: Any, leaves: Sequence[Leaf], schema: TableSchema) -> str:
    """Why nothing can be shared out by blocks; empty where it can."""
    if not schema.row_versions or any(leaf.access_method != "heap" for leaf in leaves):
        return "its rows have no place of their own, as those of a heap table have"
    if holder.server_version < _FINDS_STRETCHES:
        return f"PostgreSQL {holder.server_version} finds no stretch of a table without reading it all; 14 does"
    return ""


def _alone(holder: Any) -> str:
    """Why there can't be several readers in one snapshot; empty where there can."""
    [(backend, exports)] = rows(holder, _rendered("may_share"), "asking whether several may read")
    if holder.info.backend_pid != backend:
        return "the connection leads through a pooler, whose pool may have no further connection while this one is held"
    return "" if exports else "the role may not EXECUTE pg_export_snapshot()"


def write(
    stage: Stage, stem: str, shards: Sequence[tuple[Reader, Callable[[Iterator[Any]], Rows], Iterator[Any]]]
) -> Manifest:
    """Every reader's rows into an object of its own, side by side; what they came to together.

    ``shards`` are readers, what makes rows of their batches, and the batches. A failure of one ends all, and nothing of
    what they wrote is left; the first failure is raised.
    """
    stop = threading.Event()
    futures: list[Future[Manifest]] = []

    def one(number: int, rows: Rows) -> Manifest:
        return stage.write(f"{stem}-{number}.parquet", rows)

    try:
        with ThreadPoolExecutor(max_workers=len(shards), thread_name_prefix="floodmark-shard") as pool:
            try:
                for number, (_, made, batches) in enumerate(shards, start=1):
                    futures.append(pool.submit(one, number, made(_until(stop, batches))))
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                if len(_written(futures)) < len(shards):
                    stop.set()
                    for own, *_ in shards:
                        own.cancel()
        failed = [error for future in futures if (error := future.exception())]
        if failed:
            raise next((error for error in failed if not isinstance(error, _Stopped)), failed[0])
    except BaseException:
        _take_back(stage, _written(futures))
        raise
    return together(_written(futures))


def _written(futures: Sequence[Future[Manifest]]) -> list[Manifest]:
    return [future.result() for future in futures if future.done() and not future.exception()]


def _take_back(stage: Stage, manifests: Sequence[Manifest]) -> None:
    """Delete what was written; what can't be is nobody's, and goes when the stage's files are old."""
    for manifest in manifests:
        try:
            stage.remove(replace(manifest, uri=manifest.quarantine_uri))
        except FloodmarkError as error:
            log.warning("what was staged of a read that failed stays until it is old: %s", error)


def _until(stop: threading.Event, batches: Iterator[Any]) -> Iterator[Any]:
    for batch in batches:
        if stop.is_set():
            raise _Stopped
        yield batch


def _rendered(template: str, **values: Any) -> str:
    return sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
