"""Intervals in UTC as a clock on the wall shows them, for cursors that know no zone (R7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from floodmark.core.time.interval import Interval

_MICROSECOND = timedelta(microseconds=1)
_STEP = timedelta(minutes=15)
"""Clocks are changed at quarters of an hour in UTC."""
_FURTHEST = timedelta(hours=27)
"""No zone's offset ever moved further than from one side of the date line to the other."""


def wall_clock(interval: Interval, zone: str) -> tuple[datetime, datetime]:
    """The least naive ``[low, high)`` that holds every time which the zone's clock shows within the interval.

    Where the clock is set back, the hour that it shows twice is in both intervals; where it is set forward, in none.
    """
    clock = ZoneInfo(zone)
    shown = [moment.astimezone(clock).replace(tzinfo=None) for moment in _moments(interval)]
    return min(shown), max(shown) + _MICROSECOND


def days(interval: Interval, zone: str) -> tuple[date, date]:
    """The days ``[low, high)`` that the interval touches in the zone."""
    low, high = wall_clock(interval, zone)
    return low.date(), (high - _MICROSECOND).date() + timedelta(days=1)


def _moments(interval: Interval) -> Iterator[datetime]:
    """Both ends, and around each change of the clock that could lead beyond them."""
    yield interval.low
    yield interval.high - _MICROSECOND
    for low, high in (
        (interval.low, min(interval.high, interval.low + _FURTHEST)),
        (max(interval.low, interval.high - _FURTHEST), interval.high),
    ):
        moment = datetime.fromtimestamp(low.timestamp() // _STEP.total_seconds() * _STEP.total_seconds(), UTC) + _STEP
        while moment < high:
            yield moment
            yield moment - _MICROSECOND
            moment += _STEP
