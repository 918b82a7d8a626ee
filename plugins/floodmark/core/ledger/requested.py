"""What a run has to read whole, out of the interval that it stands for (R10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from floodmark.core.ledger.coverage import Coverage
from floodmark.core.time.cadence import Cadence, Every
from floodmark.core.time.interval import Interval, merge, subtract
from floodmark.core.time.units import DAY

FORESIGHT = DAY
"""So long a slice that was read ahead of its run counts as read; after that the run reads it anew."""


class Requester(StrEnum):
    """Who asks for an interval."""

    SCHEDULE = "schedule"
    """The scheduler, for the first time: what is covered already stands as it was read."""
    BACKFILL = "backfill"
    """A backfill: read again what was read before, but not what another of its runs read ahead."""
    PERSON = "person"
    """Somebody, by hand: a cleared task, a manual run, a command. Just this interval, whatever was read before."""


def asked(
    interval: Interval, by: Requester, coverage: Coverage, prefetched: Iterable[Interval], around: Interval
) -> tuple[Interval, ...]:
    """The intervals to read whole. ``prefetched`` are those that were read for a run of a backfill that comes to them
    now.

    Where some of ``interval`` was never read, all that was never read of ``around`` goes with it: 8,760 hours of a year
    then take 365 reads, and as many load jobs.
    """
    if by is Requester.PERSON:
        return (interval,)
    covered = [segment.interval for segment in coverage]
    missing = subtract([interval], covered if by is Requester.SCHEDULE else prefetched)
    if not subtract([interval], covered):
        return missing
    return merge([*missing, *subtract([around], covered)])


@dataclass(frozen=True, kw_only=True)
class Prefetched:
    """A slice that a read covered before the run of a backfill that will ask for it. ``read_at`` is the read's, UTC."""

    interval: Interval
    read_at: datetime


def still_prefetched(prefetched: Iterable[Prefetched], now: datetime) -> tuple[Prefetched, ...]:
    """Those that were read not long before ``now``."""
    return tuple(one for one in prefetched if now - one.read_at < FORESIGHT)


def without(prefetched: Iterable[Prefetched], interval: Interval) -> tuple[Prefetched, ...]:
    """What is left of them once ``interval`` was asked for."""
    return tuple(
        Prefetched(interval=rest, read_at=one.read_at)
        for one in prefetched
        for rest in subtract([one.interval], [interval])
    )


def day(interval: Interval, start: datetime, now: datetime, cadence: Cadence) -> Interval:
    """The days that an interval touches (UTC), from a table's ``start`` to the last full slice before ``now``."""
    days = Every(DAY)
    low, high = days.boundary(interval.low), days.boundary(interval.high)
    high = high if high == interval.high else high + DAY
    return Interval(low=min(interval.low, max(low, start)), high=max(interval.high, min(high, cadence.boundary(now))))
