"""Several readers of one table: how many it is worth, and their rows, side by side, each into an object of its own."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from floodmark.core.ledger.manifest import Manifest, together
from floodmark.core.ledger.portion import Part
from floodmark.core.ports import Rows, Stage
from floodmark.errors import FloodmarkError

log = logging.getLogger(__name__)

BYTES_EACH = 256 * 2**20
"""Of the table in the source: a reader for less gains less than its connection and its memory cost."""
MOST = 4
"""More of them only where somebody writes so, who knows what the source can bear."""
SHARE = 4
"""A read takes one of so many connections that the source has left."""
LEAST_ROWS = 10_000
"""A stretch of keys is at least so many: a connection for less costs more than it saves."""


class _Stopped(Exception):
    """Another reader failed, so this one ends."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one reader reads: raw ``batches``, what makes ``rows`` of them, and what ends its query, from any thread."""

    batches: Iterator[Any] = field(repr=False)
    rows: Callable[[Iterator[Any]], Rows]
    cancel: Callable[[], None]


def by_size(size: int, cores: int) -> int:
    """Readers for a table of ``size`` bytes, by a worker of so many cores. At least one."""
    return max(1, min(MOST, cores, size // BYTES_EACH))


def of_the_free(connections: int) -> int:
    """Readers where the source has so many connections left. At least one."""
    return max(1, connections // SHARE)


def cores() -> int:
    """How many cores this worker may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def walked(part: Part, count: int, end: Callable[[tuple[str, ...], int], tuple[str, ...]]) -> list[Part]:
    """A part of a table in at most so many stretches of about as many rows each.

    ``end`` gives the key that comes so many rows after another one; an empty one where there are fewer.
    """
    cuts: list[tuple[str, ...]] = []
    while len(cuts) + 1 < count and (cut := end(cuts[-1] if cuts else part.low, part.rows // count)):
        cuts.append(cut)
    return between(part, cuts)


def between(part: Part, cuts: Sequence[tuple[str, ...]]) -> list[Part]:
    """The stretches that ``cuts``, in the order of the index, make of a part: they meet, so each key lies in one."""
    ends = zip((part.low, *cuts), (*cuts, part.high), strict=True)
    return [replace(part, low=low, high=high) for low, high in ends]


def told_alone(log: logging.Logger, where: str, wanted: int | None, why: object) -> None:
    """Log why one reader reads what several could: loudly where somebody had ``wanted`` them."""
    level = logging.INFO if wanted is None else logging.WARNING
    log.log(level, "%s: readers: %s: one reader reads it all: %s", where, wanted or "auto", why)


def write(stage: Stage, stem: str, shares: Sequence[Share]) -> Manifest:
    """Every share's rows into an object of its own; what they came to together.

    A failure of one ends all, and nothing of what they wrote is left; the first failure is raised.
    """
    stop = threading.Event()
    futures: list[Future[Manifest]] = []

    def one(number: int, share: Share) -> Manifest:
        return stage.write(f"{stem}-{number}.parquet", share.rows(_until(stop, share.batches)))

    try:
        with ThreadPoolExecutor(max_workers=len(shares), thread_name_prefix="floodmark-reader") as pool:
            try:
                futures += [pool.submit(one, number, share) for number, share in enumerate(shares, start=1)]
                ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                if len(_written(futures)) < len(shares):
                    stop.set()
                    for share in shares:
                        share.cancel()
        for failed in (error for future in ended if (error := future.exception())):
            raise failed
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
