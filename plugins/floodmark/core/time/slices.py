"""Which slices of a cadence are wanted: the newest, or those between two moments."""

from __future__ import annotations

from datetime import datetime, timedelta

from floodmark.core.refused import Refused
from floodmark.core.time.cadence import Cadence
from floodmark.core.time.interval import Interval, utc


def newest(now: datetime, cadence: Cadence, length: timedelta | None = None) -> Interval:
    """The last full slice before ``now``; or as many as it takes to look back ``length`` from its end."""
    high = cadence.boundary(now)
    back = timedelta(microseconds=1) if length is None else length
    return Interval(low=cadence.boundary(high - back), high=high)


def between(low: datetime, high: datetime, cadence: Cadence) -> Interval:
    """The slices of ``[low, high)``.

    Raises:
        Refused: one of them is no boundary, or they are in the wrong order.
    """
    for moment in (low, high):
        if (before := cadence.boundary(moment)) != moment:
            remedy = f"write {before:%Y-%m-%dT%H:%M:%SZ} or {cadence.after(moment):%Y-%m-%dT%H:%M:%SZ}"
            named = f"{utc(moment):%Y-%m-%dT%H:%M:%SZ}"
            raise Refused(f"{named} is no boundary of the cadence, {cadence}", remedy)
    if not low < high:
        raise Refused(f"{utc(low):%Y-%m-%dT%H:%M:%SZ} is not before {utc(high):%Y-%m-%dT%H:%M:%SZ}", "exchange them")
    return Interval(low=low, high=high)
