"""What both ends hold, counted and compared at three depths: the account must balance (R36). Pure.

*Counts* hold the source's rows, class by class, against the number of current's; *keys* what the keys' hashes come to,
range by range; *rows* what the rows' hashes do, of a share of the ranges each time, so that all come round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from floodmark.core.checksum import NOTHING, Sum

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ROUND = timedelta(days=31)
"""What was compared before that is no longer spoken of."""
RANGES = 2**16
"""Into so many ranges the keys' hashes fall, for the share of the rows that is compared."""
DAILY_BYTES = 10 * 2**30
"""What would process more, and has no limit of its own, is compared weekly."""


class Depth(StrEnum):
    """How deep a table is looked into, the deeper ones last."""

    NONE = "none"
    COUNTS = "counts"
    KEYS = "keys"
    ROWS = "rows"

    def reaches(self, other: Depth) -> bool:
        """Whether it takes in ``other``."""
        order = list(Depth)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, kw_only=True)
class Census:
    """The source's selected rows in one snapshot, each in one class.

    ``settled``: sealed, and to be in current as they are. ``deleted``: marked so. ``early``: before the table's start.
    ``timeless``: with a cursor that is null or infinite. ``future``: with one that lies ahead. ``loose``: not sealed
    yet. ``bad``: with a value that BigQuery can't hold.
    """

    settled: int = 0
    deleted: int = 0
    early: int = 0
    timeless: int = 0
    future: int = 0
    loose: int = 0
    bad: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.settled + self.deleted + self.early + self.timeless + self.future + self.loose + self.bad


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Both ends' rows at one moment, UTC.

    ``current`` are all rows of current. Of the source's, ``expected`` have to be there, and ``movable`` more may be, in
    any version; current's ``standing`` rows are those that can be one or the other.
    """

    at: datetime
    source: Census
    current: int
    expected: int
    movable: int
    standing: int

    @property
    def missing(self) -> int:
        """Rows that are in the source and not in current, at least."""
        return max(0, self.expected - self.standing)

    @property
    def surplus(self) -> int:
        """Rows that are in current and not in the source, at least."""
        return max(0, self.standing - self.expected - self.movable)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys of both ends at one moment, UTC: at least so many are ``missing`` from current, or ``surplus`` there."""

    at: datetime
    missing: int = 0
    surplus: int = 0


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The rows whose keys' hashes lie in the ranges ``[low, high)``, compared at one moment, UTC."""

    at: datetime
    low: int
    high: int
    differing: int = 0
    """Ranges in which the two ends differ."""


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The newest result of each depth; ``rows`` stretch by stretch, in the order of their comparison.

    ``skipped`` says why a depth was left out the last time.
    """

    counts: Counts | None = None
    keys: Keys | None = None
    rows: tuple[Stretch, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Rows that the source has and current has not, at least."""
        return max(self.counts.missing if self.counts else 0, self.keys.missing if self.keys else 0)

    @property
    def surplus(self) -> int:
        """Rows that current has and the source has not, at least."""
        return max(self.counts.surplus if self.counts else 0, self.keys.surplus if self.keys else 0)

    @property
    def differing(self) -> int:
        """Ranges of rows in which the two ends differ, of those that were compared."""
        return sum(stretch.differing for stretch in self.rows)

    @property
    def well(self) -> bool:
        """Whether no row is missing or another one, as far as was looked into."""
        return not (self.missing or self.differing)

    @property
    def looked(self) -> bool:
        """Whether both ends were ever held against each other, at any depth."""
        return self.counts is not None or self.keys is not None

    def share(self, now: datetime) -> tuple[float, timedelta]:
        """The share of the rows that was compared within :data:`ROUND`, and how long ago the first of them were."""
        stretches = [stretch for stretch in self.rows if now - stretch.at <= ROUND]
        if not stretches:
            return 0.0, timedelta(0)
        oldest = min(stretch.at for stretch in stretches)
        return sum(stretch.high - stretch.low for stretch in stretches) / RANGES, now - oldest


NOT_LOOKED = Balance()


def counted(at: datetime, source: Census, *, early: bool, timeless: bool, current: int, standing: int) -> Counts:
    """Counts in which rows from before the start (``early``), or without a cursor, are expected to be in current."""
    movable = source.loose + source.future + source.bad + (source.timeless if timeless else 0)
    expected = source.settled + (source.early if early else 0)
    return Counts(
        at=at, source=source, current=current, expected=expected, movable=movable, standing=standing,
    )  # fmt: skip


def of_keys(at: datetime, source: Mapping[int, Sum], target: Mapping[int, Sum]) -> Keys:
    """What two ends' sums of keys, by range, say. A range of as many but other keys lacks one, and has one too many."""
    missing = surplus = 0
    for number in {*source, *target}:
        ours, theirs = source.get(number, NOTHING), target.get(number, NOTHING)
        other = int(ours != theirs and ours.rows == theirs.rows)
        missing += max(0, ours.rows - theirs.rows) + other
        surplus += max(0, theirs.rows - ours.rows) + other
    return Keys(at=at, missing=missing, surplus=surplus)


def every(processed: int, limit: int | None) -> timedelta | None:
    """How often what processes so many bytes is compared; None: never, since its own limit forbids it."""
    if limit is not None:
        return DAY if processed <= limit else None
    return DAY if processed <= DAILY_BYTES else WEEK


def due(last: datetime | None, at: datetime, interval: timedelta) -> bool:
    """Whether it is time again; an hour early counts, since no two runs take equally long."""
    return last is None or at - last >= interval - timedelta(hours=1)


def next_stretch(rows: Sequence[Stretch], share: float) -> tuple[int, int]:
    """The ranges that come next: a share of all of them, after those that were compared last."""
    low = rows[-1].high % RANGES if rows else 0
    return low, min(RANGES, low + max(1, ceil(share * RANGES)))


def with_stretch(rows: Sequence[Stretch], new: Stretch) -> tuple[Stretch, ...]:
    """The stretches with one more; what it covers again, and what is too old, is dropped."""
    left = [part for old in rows if new.at - old.at <= ROUND for part in _without(old, new)]
    return (*left, new)


def _without(old: Stretch, new: Stretch) -> list[Stretch]:
    """What is left of an older stretch beside a newer one. A difference in what is cut off may lie in the rest."""
    if new.high <= old.low or old.high <= new.low:
        return [old]
    ends = ((old.low, min(old.high, new.low)), (max(old.low, new.high), old.high))
    return [Stretch(at=old.at, low=low, high=high, differing=old.differing) for low, high in ends if low < high]
