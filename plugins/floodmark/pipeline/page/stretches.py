"""A table's time as stretches of one state: as many as there are changes of state, however many hours that is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage, Segment
from floodmark.core.ledger.watermark import Basis
from floodmark.core.time.interval import Interval

BUCKETS = 240
"""A bar of any length is cut into so many: no screen shows more, and the page stays small."""


class Colour(StrEnum):
    """What is known of a moment, and its class in the page's style sheet; the worst first."""

    MISSING = "m"
    """No applied read covers it, though a later one is covered."""
    PROVISIONAL = "p"
    """Read; right so far, and will be read again."""
    ASSUMED = "a"
    """Sealed, on something that was taken on trust."""
    SEALED = "s"
    """No row can appear there any more."""
    DUE = "d"
    """After the newest slice that was read: not yet."""


WORDS = {
    Colour.MISSING: "missing",
    Colour.PROVISIONAL: "provisional",
    Colour.ASSUMED: "assumed",
    Colour.SEALED: "sealed",
    Colour.DUE: "not read yet",
}
_WORST = list(Colour)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A stretch of one state. Moments are UTC."""

    colour: Colour
    interval: Interval

    @property
    def words(self) -> str:
        """For who can't see it."""
        return f"{WORDS[self.colour]} {self.interval.low:%d %b %H:%M} to {self.interval.high:%d %b %H:%M}"


def stretches(coverage: Coverage, low: datetime, high: datetime) -> tuple[Stretch, ...]:
    """``[low, high)`` cut where the state changes, without a hole; nothing of a table that has no coverage."""
    if not coverage or not low < high:
        return ()
    whole, newest = Interval(low=low, high=high), coverage[-1].interval.high
    gaps = (
        Stretch(colour=Colour.DUE if gap.low >= newest else Colour.MISSING, interval=gap)
        for gap in coverages.gaps(coverage, low, high)
    )
    shared = (
        Stretch(colour=one.colour, interval=part)
        for one in (*_covered(coverage), *gaps)
        if (part := one.interval.intersect(whole)) is not None
    )
    return _joined(sorted(shared, key=lambda one: one.interval.low))


def since(several: Iterable[Stretch], moment: datetime) -> tuple[Stretch, ...]:
    """What of them lies at ``moment`` or after it."""
    return tuple(
        Stretch(colour=one.colour, interval=part) for one in several if (part := one.interval.since(moment)) is not None
    )


def _covered(coverage: Iterable[Segment]) -> Iterator[Stretch]:
    for segment in coverage:
        if segment.sealed:
            colour = Colour.SEALED if segment.basis is Basis.PROVED else Colour.ASSUMED
            yield Stretch(colour=colour, interval=segment.sealed)
        if segment.provisional:
            yield Stretch(colour=Colour.PROVISIONAL, interval=segment.provisional)


def _joined(several: Iterable[Stretch]) -> tuple[Stretch, ...]:
    joined: list[Stretch] = []
    for one in several:
        last = joined[-1] if joined else None
        if last and last.colour is one.colour and last.interval.high == one.interval.low:
            joined[-1] = replace(last, interval=Interval(low=last.interval.low, high=one.interval.high))
        else:
            joined.append(one)
    return tuple(joined)


def binned(several: Sequence[Stretch], low: datetime, high: datetime) -> list[tuple[Colour, int, int]]:
    """``[low, high)`` in :data:`BUCKETS`, each in the worst state of it: ``(state, first bucket, bucket after)``."""
    width = high - low
    worst: list[Colour | None] = [None] * BUCKETS
    for one in several:
        first = (one.interval.low - low) * BUCKETS // width
        after = min(BUCKETS, -(-(one.interval.high - low) * BUCKETS // width))
        for place in range(first, after):
            before = worst[place]
            if before is None or _WORST.index(one.colour) < _WORST.index(before):
                worst[place] = one.colour
    runs: list[tuple[Colour, int, int]] = []
    for place, colour in enumerate(worst):
        if colour is None:
            continue
        if runs and runs[-1][0] is colour and runs[-1][2] == place:
            runs[-1] = (colour, runs[-1][1], place + 1)
        else:
            runs.append((colour, place, place + 1))
    return runs
