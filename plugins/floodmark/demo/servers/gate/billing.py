"""What a statement is billed for, by a plain model of BigQuery's pages "Pricing" and "Estimate and control costs".

Processed: for each table that is read, the bytes of the columns that are named, over the rows of the partitions that
constants on the partitioning column select. Rows are updated or deleted by whole partitions: all columns count then,
for the target's partitions that the constants select. DDL, loads and ``COUNT(*)`` without a filter process nothing.
Billed: processed bytes in whole megabytes, and 10 MB at least for each table of which something is read.

Plain: every value of a type has the same size (a text counts 32 bytes, whatever its length; NULL counts as a value),
and clustering selects nothing. A constant in the ON of a MERGE or of a join's missing side selects; the documentation
promises that only for inner joins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.demo.servers.gate.partitions import own

SIZES = {
    "BIGNUMERIC": 32,
    "BOOL": 1,
    "BOOLEAN": 1,
    "DATE": 8,
    "DATETIME": 8,
    "FLOAT": 8,
    "FLOAT64": 8,
    "INT64": 8,
    "INTEGER": 8,
    "INTERVAL": 16,
    "NUMERIC": 16,
    "TIME": 8,
    "TIMESTAMP": 8,
}
"""Bytes by type (BigQuery's page "Data types", "Data type sizes")."""
TEXT = 32
"""Bytes that a value of a type of no fixed size counts here: STRING, BYTES, JSON, GEOGRAPHY, ARRAY, STRUCT."""
MEGABYTE = 1 << 20
LEAST = 10 * MEGABYTE
"""Bytes billed at least for a table of which something is read."""

Partitions = Mapping[datetime | None, int]
"""Rows by the start of their partition (UTC); None is the partition of NULL."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Bytes of one statement."""

    processed: int = 0
    billed: int = 0


def row_size(fields: Iterable[Mapping[str, Any]], columns: frozenset[str] | None = None) -> int:
    """Bytes of a row: of these columns, else of all."""
    wanted = None if columns is None else {name.casefold() for name in columns}
    return sum(
        TEXT if field.get("mode") == "REPEATED" else SIZES.get(field["type"], TEXT)
        for field in fields
        if wanted is None or field["name"].casefold() in wanted
    )


def rows(
    partitions: Partitions, condition: Sequence[Any], column: str, unit: str, parameters: Mapping[str, Any]
) -> int:
    """Rows of the partitions by ``column`` in which the condition may hold; ``unit`` is HOUR, DAY, MONTH or YEAR."""
    return sum(
        count
        for start, count in partitions.items()
        if not own(start)  # it lies in __UNPARTITIONED__, which nothing prunes
        or may_hold(condition, column.casefold(), start, _end(start, unit), parameters)
    )


def may_hold(
    condition: Sequence[Any],
    column: str,
    start: datetime | None,
    end: datetime | None,
    parameters: Mapping[str, Any],
) -> bool:
    """Whether the condition (``reads.py``) may be met by a row whose ``column`` lies in [start, end), or is NULL."""
    kind, rest = condition[0], condition[1:]
    if kind in ("true", "false"):
        return tuple(condition) == ("true",)
    if kind in ("and", "or"):
        met = (may_hold(each, column, start, end, parameters) for each in rest)
        return all(met) if kind == "and" else any(met)
    if rest[0].casefold() != column:
        return True
    if kind in ("null", "not null"):
        return (start is None) is (kind == "null")
    constant = parameters.get(rest[1][1]) if isinstance(rest[1], tuple) else rest[1]
    return _may_compare(kind, constant, start, end) if isinstance(constant, datetime) else True


def _may_compare(sign: str, constant: datetime, start: datetime | None, end: datetime | None) -> bool:
    if start is None or end is None:
        return False
    if sign in ("<", "<="):
        return start < constant or (sign == "<=" and start == constant)
    return end > constant and (sign != "=" or start <= constant)


def bill(processed: Iterable[int]) -> Bill:
    """The bill of a statement from the bytes of each table that it reads."""
    each = [count for count in processed if count]
    return Bill(
        processed=sum(each),
        billed=sum(max(LEAST, -(-count // MEGABYTE) * MEGABYTE) for count in each),
    )


def _end(start: datetime | None, unit: str) -> datetime | None:
    if start is None:
        return None
    if unit == "HOUR":
        return start + timedelta(hours=1)
    if unit == "DAY":
        return start + timedelta(days=1)
    try:
        if unit == "YEAR":
            return start.replace(year=start.year + 1)
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
