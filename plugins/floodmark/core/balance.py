"""What both ends hold, counted and compared at three depths: the account must balance (R36). Pure.

*Counts* hold the source's rows, class by class, against the number of current's; *keys* what the keys' hashes come to,
range by range; *rows* what the rows' hashes do, of a share of the ranges each time, so that all come round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from floodmark.core.checksum import NOTHING, Sum
from floodmark.core.config.limits import BILLED_AT_LEAST
from floodmark.core.ledger.balance import RANGES, ROUND, Census, Counts, Keys, Stretch
from floodmark.core.time.units import DAY, WEEK

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


def only_more(source: Mapping[int, Sum], target: Mapping[int, Sum], number: int) -> bool:
    """Whether a range differs in that current has more rows, which tells nothing of the others."""
    return target.get(number, NOTHING).rows > source.get(number, NOTHING).rows


def every(processed: int, limit: int | None) -> timedelta | None:
    """How often what processes so many bytes is compared; None: never, since its own limit forbids it."""
    if limit is not None:
        return DAY if processed <= limit else None
    return DAY if processed <= DAILY_BYTES else WEEK


def due(last: datetime | None, at: datetime, interval: timedelta) -> bool:
    """Whether it is time again; an hour early counts, since no two runs take equally long."""
    return last is None or at - last >= interval - timedelta(hours=1)


def wanted_share(share: float, processed: int) -> float:
    """The share of the rows that is compared: all of them, where a share would cost no less."""
    return 1.0 if processed <= BILLED_AT_LEAST else share


def next_stretch(rows: Sequence[Stretch], share: float) -> tuple[int, int]:
    """The ranges that come next: a share of all of them, after those that were compared last."""
    low = rows[-1].high % RANGES if rows else 0
    return low, min(RANGES, low + max(1, ceil(share * RANGES)))


def with_stretch(rows: Sequence[Stretch], new: Stretch) -> tuple[Stretch, ...]:
    """The stretches with one more; what it covers again, and what is too old, is dropped."""
    older = [part for old in rows if new.at - old.at <= ROUND for part in _without(old, new)]
    return (*older, new)


def _without(old: Stretch, new: Stretch) -> list[Stretch]:
    """What is left of an older stretch beside a newer one. A difference in what is cut off may lie in the rest."""
    if new.high <= old.low or old.high <= new.low:
        return [old]
    ends = ((old.low, min(old.high, new.low)), (max(old.low, new.high), old.high))
    return [Stretch(at=old.at, low=low, high=high, differing=old.differing) for low, high in ends if low < high]
