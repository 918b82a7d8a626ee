"""A cadence cuts time into slices, from midnight UTC on: the same ones for every schedule, command and gap."""

from __future__ import annotations

from datetime import datetime, timedelta

from floodmark.core.refused import Refused
from floodmark.core.time import duration
from floodmark.core.time.interval import Interval, utc
from floodmark.core.time.units import EPOCH


def boundary(moment: datetime, cadence: timedelta) -> datetime:
    """The last boundary at or before a moment, UTC: where the last full slice ends."""
    return utc(moment) - (utc(moment) - EPOCH) % cadence


def newest(now: datetime, cadence: timedelta, length: timedelta | None = None) -> Interval:
    """The last full slice before ``now``; or as many as it takes to look back ``length`` from its end."""
    high = boundary(now, cadence)
    low = boundary(high - (cadence if length is None else length), cadence)
    return Interval(low=low, high=high)


def between(low: datetime, high: datetime, cadence: timedelta) -> Interval:
    """The slices of ``[low, high)``.

    Raises:
        Refused: one of them is no boundary, or they are in the wrong order.
    """
    for moment in (low, high):
        if (before := boundary(moment, cadence)) != moment:
            remedy = f"write {before:%Y-%m-%dT%H:%M:%SZ} or {before + cadence:%Y-%m-%dT%H:%M:%SZ}"
            named = f"{utc(moment):%Y-%m-%dT%H:%M:%SZ}"
            raise Refused(f"{named} is no boundary of the cadence, {duration.render(cadence)}", remedy)
    if not low < high:
        raise Refused(f"{utc(low):%Y-%m-%dT%H:%M:%SZ} is not before {utc(high):%Y-%m-%dT%H:%M:%SZ}", "exchange them")
    return Interval(low=low, high=high)
