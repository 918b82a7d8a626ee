"""Which level of check each slice has, out of the reads that made it what it is (R28)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from floodmark.core.checksum import COUNTS, ORDER, weakest
from floodmark.core.ledger.portion import Span
from floodmark.core.ledger.read import Read
from floodmark.core.time.interval import Interval, merge, subtract

Levels = tuple[tuple[Interval, str], ...]


def levels(applied: Iterable[Read]) -> Levels:
    """Intervals with their level, in order; those without a row have none.

    A slice read whole has that read's level. Rows that later reads added to it, or changed, make it no better: it has
    the weakest level of all that it was put together from. ``applied`` are applied reads in their order.
    """
    by_level: dict[str, tuple[Interval, ...]] = {}
    for read in applied:
        for span in read.spans if read.portion.wanted is None else read.portion.wanted:
            by_level = _whole(by_level, read, span) if _is_whole(read, span) else _added(by_level, read, span)
    return tuple(sorted((interval, level) for level, intervals in by_level.items() for interval in intervals))


def _is_whole(read: Read, span: Span) -> bool:
    return span.base is None and not span.leaves and read.portion.renews


def _level(read: Read) -> str:
    return read.verified or COUNTS


def _whole(found: dict[str, tuple[Interval, ...]], read: Read, span: Span) -> dict[str, tuple[Interval, ...]]:
    remaining = {level: subtract(intervals, [span.interval]) for level, intervals in found.items()}
    return _with(remaining, _level(read), [span.interval]) if read.rows else remaining


def _added(found: dict[str, tuple[Interval, ...]], read: Read, span: Span) -> dict[str, tuple[Interval, ...]]:
    """Only what is stronger than the read becomes as weak as it; what had no rows has its level."""
    mine = _level(read)
    if not read.rows:
        return found
    weaker = ORDER[: ORDER.index(mine)]
    stays = [interval for level in weaker for interval in found.get(level, ())]
    becomes = subtract([span.interval], stays)
    remaining = {level: subtract(intervals, becomes) for level, intervals in found.items()}
    return _with(remaining, mine, becomes)


def _with(
    found: dict[str, tuple[Interval, ...]], level: str, intervals: Sequence[Interval]
) -> dict[str, tuple[Interval, ...]]:
    return {**found, level: merge([*found.get(level, ()), *intervals])}


def of_table(found: Levels, applied: Sequence[Read]) -> str:
    """The weakest level of any slice; that of the last read, for a table that has no slices."""
    if found:
        return weakest([level for _, level in found])
    return _level(applied[-1]) if applied else COUNTS
