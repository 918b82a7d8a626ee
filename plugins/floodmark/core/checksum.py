"""One canonical encoding of every value, and what rows come to under it: the same at both ends (R28).

A value is written as a text, exactly: whole numbers and decimals in digits, without trailing zeros; floats as C's
``%.16e``, which tells any two apart (-0 is 0); truth as 0 or 1; dates as days, times and moments as microseconds since
their zero; bytes in hex; text as itself. NULL is the empty text, anything else begins with ``=``.

``h`` is the first 40 bits of MD5 over the row's identity, character 31, and that text. The identity is the key's texts
joined by character 31; of a row without a key, all of its texts. So a value that stands in another row is seen, and the
rows' order is not. A column comes to the sum of ``h``'s low 32 bits (2^31 rows fit INT64) and to all ``h`` by XOR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor

SAMPLE, FULL = "sample", "full"
COUNTS = "counts"
"""The level of check that every read has: rows read = manifest = the load job's output rows (R28)."""
ORDER = (COUNTS, SAMPLE, FULL)
"""The levels of check, the weakest first."""

SAMPLED = 64
"""Of so many rows, ``sample`` takes the one whose identity says so."""
BYTES = 5
LOW = 0xFFFFFFFF
LOWER = 0xFFFFFFF
"""As ``LOW``, for all rows of a table together: 2^35 of them fit INT64."""
SEPARATOR = "\x1f"
NULL, VALUE = "", "="
ROW = "*"
"""Stands for the row as a whole, where no key tells one from another. No column of BigQuery's can be named so."""


@dataclass(frozen=True, kw_only=True)
class ColumnSum:
    """What one column comes to."""

    name: str
    sum: int
    xor: int


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """What the rows of one read come to. ``rows`` are those that ``level`` looks at."""

    level: str
    rows: int
    columns: tuple[ColumnSum, ...]


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What the rows of one bucket come to: their number, the sum of 32 bits of each hash, all hashes by XOR."""

    rows: int
    sum: int
    xor: int


NOTHING = Sum(rows=0, sum=0, xor=0)


def together(parts: Sequence[Checksum]) -> Checksum:
    """What the rows of several parts of one read come to. Raises ``ValueError`` for none, or of other columns."""
    if not parts or any((one.level, _names(one)) != (parts[0].level, _names(parts[0])) for one in parts):
        raise ValueError("only parts of one read come to one checksum")
    columns = tuple(
        ColumnSum(name=one[0].name, sum=sum(each.sum for each in one), xor=reduce(xor, (each.xor for each in one)))
        for one in zip(*(part.columns for part in parts), strict=True)
    )
    return Checksum(level=parts[0].level, rows=sum(one.rows for one in parts), columns=columns)


def _names(one: Checksum) -> tuple[str, ...]:
    return tuple(column.name for column in one.columns)


def differing(one: Checksum, other: Checksum) -> tuple[str, ...]:
    """The columns that differ, in order; :data:`ROW` where only the count, or the rows as wholes, do."""
    theirs = {column.name: column for column in other.columns}
    differs = tuple(column.name for column in one.columns if theirs.get(column.name) != column)
    named = tuple(name for name in differs if name != ROW)
    return named or ((ROW,) if differs or one.rows != other.rows else ())


def weakest(levels: list[str]) -> str:
    """The level that all have."""
    return min(levels, key=ORDER.index)
