"""Intervals in UTC as a clock on the wall shows them, for cursors that know no zone (R7, R35)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from floodmark.core.time.interval import Interval
from floodmark.core.time.units import DAY, MICROSECOND

_SECOND = timedelta(seconds=1)
_STEP = timedelta(hours=1)
"""No clock was ever changed twice within an hour."""
_FURTHEST = timedelta(hours=27)
"""No zone's offset ever moved further than from one side of the date line to the other."""


@dataclass(frozen=True, kw_only=True)
class _Change:
    """A clock is changed: ``at`` is the first moment (UTC, a whole second) of the offset ``after``."""

    at: datetime
    before: timedelta
    after: timedelta


def wall_clock(interval: Interval, zone: str) -> tuple[datetime, datetime]:
    """The least naive ``[low, high)`` that meets its neighbours' and holds all that may stand for the interval (R35).

    That is every time which the zone's clock shows within it, and every time which no clock shows and which
    PostgreSQL's ``AT TIME ZONE`` takes for one within it: it goes on counting by the offset from before the jump, so
    02:30 on a night without it is half an hour after the jump. The interval that ends at the jump takes them in too:
    a clock that was set forward too early wrote them then. What is shown twice is in both intervals.
    """
    clock = ZoneInfo(zone)
    changes = tuple(_changes(clock, interval))
    lows = [_shown(interval.low, clock)]
    highs = [_shown(interval.high, clock)]
    for change in changes:
        if interval.low <= change.at < interval.high:
            lows.append(_at(change.at, change.after))
        if interval.low < change.at <= interval.high:
            highs.append(_at(change.at, change.before))
        skipped_until = change.at + (change.after - change.before)
        if change.at < interval.high and interval.low < skipped_until:
            lows.append(_at(max(change.at, interval.low), change.before))
    return min(lows), max(highs)


def days(interval: Interval, zone: str) -> tuple[date, date]:
    """The days ``[low, high)`` that the interval touches in the zone, one that no calendar there has among them."""
    low, high = wall_clock(interval, zone)
    return low.date(), (high - MICROSECOND).date() + DAY


def probes(interval: Interval, zone: str) -> tuple[datetime, ...]:
    """Moments (UTC) at which another copy of the zone's rules shows other times, if it bounds the interval otherwise.

    The ends and what lies around them, and both sides of each change that was looked at.
    """
    clock = ZoneInfo(zone)
    around = (interval.low - _FURTHEST, interval.low, interval.high, interval.high + _FURTHEST)
    changed = [moment for change in _changes(clock, interval) for moment in (change.at - _SECOND, change.at)]
    return tuple(sorted({*around, *changed}))


def clock_time(moment: datetime, zone: str) -> datetime:
    """What the zone's clock shows at a moment, naive."""
    return _shown(moment, ZoneInfo(zone))


def _shown(moment: datetime, clock: ZoneInfo) -> datetime:
    return moment.astimezone(clock).replace(tzinfo=None)


def _at(moment: datetime, offset: timedelta) -> datetime:
    return (moment + offset).replace(tzinfo=None)


def _offset(moment: datetime, clock: ZoneInfo) -> timedelta:
    return moment.astimezone(clock).utcoffset() or timedelta()


def _changes(clock: ZoneInfo, interval: Interval) -> Iterator[_Change]:
    """Those that may lead beyond what its ends show: about each end, in order; those about both come twice."""
    for end in (interval.low, interval.high):
        low = (end - _FURTHEST).replace(microsecond=0)
        while low <= end + _FURTHEST:
            high = low + _STEP
            before, after = _offset(low, clock), _offset(high, clock)
            if before != after:
                yield _Change(at=_first(low, high, before, clock), before=before, after=after)
            low = high


def _first(low: datetime, high: datetime, before: timedelta, clock: ZoneInfo) -> datetime:
    """The first second after ``low`` at which the offset isn't ``before`` any more; at ``high`` it is not."""
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        low, high = (middle, high) if _offset(middle, clock) == before else (low, middle)
    return high
