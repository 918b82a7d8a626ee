"""Source and current held against each other by hash: keys, and rows, and what differs (R25). Pure.

A key's hash is the first 60 bits of MD5 over its canonical texts (see :mod:`floodmark.core.checksum`), joined by
character 31; a row's the same over its key and its columns. Ranges of the key's hash are *buckets*: both ends see the
same ones, whatever their collations. First buckets are compared, by their rows' count, sum and XOR; then, row by row,
those that differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from math import ceil
from typing import Any

from floodmark.core.checksum import NOTHING, Sum
from floodmark.core.ledger.portion import Buckets
from floodmark.core.time.interval import Interval

KEY_BITS = 60
DIGITS = KEY_BITS // 4
ROWS_EACH = 1_000
"""About so many rows share a bucket."""
FEWEST_BITS, MOST_BITS = 4, 16
ALWAYS_ROWS = 10_000
"""So many rows are looked into whatever the share: a small table is no burden."""
MOST_ROWS = 1_000_000
"""Rows looked into, one by one, in one run: both ends of them lie in memory."""
MOST_LOOSE = 500_000
"""Keys to be left out, in one query: their hashes are a parameter of it, and a request holds 10 MB."""
EXACT = 1_000
"""Up to so many differing keys are read by their own hashes, more of them by their buckets."""


class Standing(IntEnum):
    """What a row of the source is to a comparison."""

    SETTLED = 0
    """Sealed, and whole: it is in current as it is here."""
    REMOVED = 1
    """Not in current: marked as deleted, and sealed; or held out for a value that the target can't hold (R31)."""
    LOOSE = 2
    """Not sealed, without a cursor, or ending the read (``bad_values: fail``): it may be in current, or not."""
    OUTSIDE = 3
    """Before the table's start, or without a cursor, where no such row is in current, or its key can't be held."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is compared. ``sealed`` are intervals of the cursor, ``start`` is from when rows are promised, UTC.

    ``early`` and ``timeless`` say whether current holds rows from before it, and rows without a cursor, as a reload
    brings them. ``columns`` are compared, the key's among them. ``soft`` is the column by which the merge removes rows.
    Both are named as the target does.
    """

    sealed: tuple[Interval, ...]
    start: datetime
    early: bool
    timeless: bool
    columns: tuple[str, ...]
    soft: str = ""
    by_row: bool = False
    """Rows have no key: all of ``columns`` together stand for it."""


@dataclass(frozen=True, kw_only=True)
class Ranges:
    """The ranges ``[low, high)`` of the keys' hashes, where ``bits`` of a hash number them."""

    bits: int
    low: int
    high: int

    @property
    def shift(self) -> int:
        """By how much a key's hash is shifted to give its range."""
        return KEY_BITS - self.bits


@dataclass(frozen=True, kw_only=True)
class TargetRow:
    """A row of current: its hash, its key's values, and that of the partitioning column, as a manifest writes it."""

    hash: int
    key: tuple[Any, ...]
    cut: Any = None


@dataclass(frozen=True, kw_only=True)
class Heal:
    """What a healing read brings: the source's rows of ``buckets``, and that ``deleted`` ones are not there any more.

    ``partitions`` are those of current, as a manifest names them, in which rows stand that it changes or removes.
    """

    buckets: Buckets
    deleted: tuple[TargetRow, ...] = ()
    partitions: tuple[str | None, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Differences:
    """Hashes of the keys that differ, in order."""

    missing: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    deleted: tuple[int, ...] = ()

    @property
    def read(self) -> tuple[int, ...]:
        """The keys whose rows are in the source."""
        return tuple(sorted((*self.missing, *self.changed)))


def bits(rows: int) -> int:
    """How many bits of the key's hash tell buckets apart, for a table of so many rows."""
    return min(max((rows // ROWS_EACH).bit_length(), FEWEST_BITS), MOST_BITS)


def shift(bits: int) -> int:
    """By how much a key's hash is shifted to give its bucket."""
    return KEY_BITS - bits


def differing(source: Mapping[int, Sum], target: Mapping[int, Sum]) -> tuple[int, ...]:
    """The buckets in which the two ends differ, in order."""
    numbers = sorted({*source, *target})
    return tuple(one for one in numbers if source.get(one, NOTHING) != target.get(one, NOTHING))


def affordable(
    differing: Sequence[int],
    source: Mapping[int, Sum],
    target: Mapping[int, Sum],
    *,
    bits: int,
    share: float,
    turn: int = 0,
) -> tuple[int, ...]:
    """As many of the buckets as may be looked into: a share of all, and never too many rows.

    Each ``turn`` begins elsewhere: those that nothing heals must not stand in the way of the others for ever.
    """
    most = ceil(share * 2**bits)
    first = turn * most % max(len(differing), 1)
    numbers = (*differing[first:], *differing[:first])
    rows = 0
    for place, number in enumerate(numbers):
        rows += max(source.get(number, NOTHING).rows, target.get(number, NOTHING).rows)
        if place and rows > (MOST_ROWS if place < most else ALWAYS_ROWS):
            return numbers[:place]
    return numbers


def compare(source: Mapping[int, tuple[Standing, int]], target: Mapping[int, TargetRow]) -> Differences:
    """What differs between rows by their keys' hashes. ``source`` has every row of these buckets, whatever it is."""
    missing = (key for key, (standing, _) in source.items() if standing is Standing.SETTLED and key not in target)
    changed = (key for key, row in target.items() if key in source and _changed(*source[key], row))
    deleted = (key for key in target if key not in source)
    return Differences(missing=tuple(sorted(missing)), changed=tuple(sorted(changed)), deleted=tuple(sorted(deleted)))


def lacking(source: Iterable[tuple[int, Standing, int]], target: Iterable[tuple[int, TargetRow]]) -> tuple[int, ...]:
    """Hashes of the settled rows that are not in the target as often as in the source: of rows without a key."""
    wanted = Counter((key, row) for key, standing, row in source if standing is Standing.SETTLED)
    wanted.subtract((key, row.hash) for key, row in target)
    return tuple(sorted({key for (key, _), left in wanted.items() if left > 0}))


def _changed(standing: Standing, hash: int, row: TargetRow) -> bool:
    return standing is Standing.REMOVED or (standing is Standing.SETTLED and hash != row.hash)


def to_read(found: Differences, bits: int) -> Buckets:
    """What is read of the source to heal it: the very keys, or the buckets in which they lie."""
    if len(found.read) <= EXACT:
        return Buckets(bits=KEY_BITS, numbers=found.read)
    return Buckets(bits=bits, numbers=tuple(sorted({key >> shift(bits) for key in found.read})))


def twice(keys: Iterable[int]) -> int | None:
    """The first hash that comes a second time, if any."""
    seen: set[int] = set()
    for key in keys:
        if key in seen:
            return key
        seen.add(key)
    return None
