"""Half-open intervals ``[low, high)`` in UTC, and the set algebra that coverage needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import attrgetter


def utc(moment: datetime) -> datetime:
    """``moment`` in UTC. Raises ``ValueError`` for a naive one: it could be any hour of the day."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone; give it one, e.g. {moment.isoformat()}+00:00")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


@dataclass(frozen=True, kw_only=True, order=True)
class Interval:
    """All moments ``low <= t < high``, in UTC. Never empty: ``low < high``."""

    low: datetime
    high: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", utc(self.low))
        object.__setattr__(self, "high", utc(self.high))
        if not self.low < self.high:
            raise ValueError(
                f"empty interval [{self.low.isoformat()}, {self.high.isoformat()}): low must be before high"
            )

    def __str__(self) -> str:
        """``[2026-11-01T10:00:00+00:00, 2026-11-01T11:00:00+00:00)``."""
        return f"[{self.low.isoformat()}, {self.high.isoformat()})"

    def __contains__(self, moment: datetime) -> bool:
        """Whether the moment lies inside; the upper end does not."""
        return self.low <= moment < self.high

    @property
    def width(self) -> timedelta:
        """How long it is."""
        return self.high - self.low

    def meets(self, other: Interval) -> bool:
        """Whether they share a moment."""
        return self.low < other.high and other.low < self.high

    def intersect(self, other: Interval) -> Interval | None:
        """What both hold, or None."""
        if not self.meets(other):
            return None
        inside = other.low <= self.low and self.high <= other.high
        return self if inside else Interval(low=max(self.low, other.low), high=min(self.high, other.high))

    def subtract(self, other: Interval) -> tuple[Interval, ...]:
        """What lies in this one and not in ``other``: none, one or two intervals, in order."""
        if not self.meets(other):
            return (self,)
        pieces = (Interval(low=self.low, high=other.low),) if self.low < other.low else ()
        right = (Interval(low=other.high, high=self.high),) if other.high < self.high else ()
        return pieces + right

    def before(self, moment: datetime | None) -> Interval | None:
        """The part before ``moment``; None where there is none. No moment at all means minus infinity."""
        if moment is None or moment <= self.low:
            return None
        return self if moment >= self.high else Interval(low=self.low, high=moment)

    def since(self, moment: datetime | None) -> Interval | None:
        """The part from ``moment`` on; None where there is none. No moment at all means minus infinity."""
        if moment is None or moment <= self.low:
            return self
        return Interval(low=moment, high=self.high) if moment < self.high else None


def merge(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same moments as the fewest intervals, in order; neighbours that touch become one."""
    merged: list[Interval] = []
    for interval in sorted(intervals, key=attrgetter("low")):
        if merged and interval.low <= merged[-1].high:
            last = merged.pop()
            interval = Interval(low=last.low, high=max(last.high, interval.high))  # noqa: PLW2901
        merged.append(interval)
    return tuple(merged)


def subtract(whole: Iterable[Interval], parts: Iterable[Interval]) -> tuple[Interval, ...]:
    """The moments of ``whole`` that no interval of ``parts`` holds."""
    pieces: list[Interval] = []
    cuts, first = merge(parts), 0
    for interval in merge(whole):
        low = interval.low
        while first < len(cuts) and cuts[first].high <= low:
            first += 1
        for cut in islice(cuts, first, None):
            if cut.low >= interval.high:
                break
            if low < cut.low:
                pieces.append(Interval(low=low, high=cut.low))
            low = max(low, cut.high)
        if low < interval.high:
            pieces.append(Interval(low=low, high=interval.high))
    return tuple(pieces)
