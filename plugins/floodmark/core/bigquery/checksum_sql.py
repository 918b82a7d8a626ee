"""Checksums as BigQuery computes them: of a read in raw, of the same rows as current should hold them, of current.

Column by column, of the rows of one read (R28); or of all rows of current, as wholes, beside those of a read (R36).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from floodmark.core.bigquery import partitions
from floodmark.core.bigquery.googlesql import name as quoted
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.merge import Merge, SoftMode
from floodmark.core.bigquery.tables import CURSOR, READ_AT, TOMBSTONE, UNHELD
from floodmark.core.checksum import BYTES, LOW, LOWER, ROW, SAMPLE, SAMPLED, Checksum, ColumnSum, Sum
from floodmark.core.config.names import OURS
from floodmark.core.reconcile import DIGITS
from floodmark.core.time.interval import utc


@dataclass(frozen=True, kw_only=True)
class _Value:
    """A column's value in SQL, and its type in BigQuery."""

    name: str
    expression: str
    type: str


def _of_row(column: str) -> str:
    """A column of the table that is looked at, by an alias that no column of a source can bear."""
    return f"{OURS}r.{quoted(column)}"


_UNHELD = _Value(name=UNHELD, expression=_of_row(UNHELD), type="STRING")


def of_raw(merge: Merge, level: str) -> str:
    """The read's rows in raw, as they landed: comparable with what the worker computed."""
    values = [_Value(name=one.name, expression=_of_row(one.name), type=one.landing) for one in merge.columns]
    return _statement(merge, level, merge.raw, values, _UNHELD)


def of_wanted(merge: Merge, level: str) -> str:
    """The read's rows in raw, converted as the merge does it, without those that it removes (R25)."""
    values = [
        _Value(name=one.name, expression=one.convert.format(col=_of_row(one.name)), type=one.target)
        for one in merge.columns
    ]
    return _statement(merge, level, merge.raw, values, _UNHELD, removed=_removed(merge))


def of_current(merge: Merge, level: str) -> str:
    """The rows of current that this read wrote, in the partitions that it touched."""
    values = [_Value(name=one.name, expression=_of_row(one.name), type=one.target) for one in merge.columns]
    cut = merge.partitioning
    few = cut is not None and not merge.anywhere and 0 < partitions.count(merge.partitions) <= partitions.MOST_PER_JOB
    pruning = partitions.prune(cut, merge.partitions) if cut and few else None
    unheld = _UNHELD if merge.unheld else replace(_UNHELD, expression="CAST(NULL AS STRING)")
    return _statement(merge, level, merge.current, values, unheld, pruning=pruning)


def content(merge: Merge, last: datetime, lacking: Collection[str] = (), *, brought: bool = True) -> str:
    """All of current beside what the read ``brought`` there, with the columns of ours: how many rows only one has.

    Without ``brought`` current alone is summed up. ``last`` is the time of the last read, UTC: no row is younger.
    ``lacking`` columns are not in current: they are NULL there. Bills all columns of what it looks at. What is read
    whole has no rows that are marked as deleted.
    """
    wanted = [
        _Value(name=one.name, expression=one.convert.format(col=_of_row(one.name)), type=one.target)
        for one in merge.columns
    ]
    ours = [(CURSOR, "TIMESTAMP"), (READ_AT, "TIMESTAMP"), (UNHELD, "STRING")]
    wanted += [_Value(name=name, expression=_of_row(name), type=kind) for name, kind in ours]
    absent = {*lacking, *([] if merge.unheld else [UNHELD])}
    standing = [
        f"CAST(NULL AS {one.type})" if one.name in absent else _of_row(one.name) for one in wanted
    ]  # fmt: skip
    types = [one.type.partition("(")[0] for one in wanted]
    given = {
        "raw": merge.raw if brought else "",
        "current": merge.current,
        "read_at": utc(merge.read_at),
        "last": utc(last),
        "brought": list(zip((one.expression for one in wanted), types, strict=True)),
        "standing": list(zip(standing, types, strict=True)),
        "stamped": READ_AT not in absent,
        "digits": DIGITS,
        "low": LOWER,
    }
    return statement("content.sql", given)


def total(row: Mapping[str, Any], of: str) -> Sum:
    """What all rows come to in the one row that :func:`content` gives: those ``brought``, or those ``standing``."""
    return Sum(rows=int(row[f"{of}_rows"]), sum=int(row[f"{of}_sum"]), xor=int(row[f"{of}_xor"]))


def checksum(merge: Merge, level: str, row: Mapping[str, Any]) -> Checksum:
    """The one row that any of these statements gives."""
    names = _names(merge)
    sums = (ColumnSum(name=name, sum=int(row[f"s{n}"]), xor=int(row[f"x{n}"])) for n, name in enumerate(names))
    return Checksum(level=level, rows=int(row["rows"]), columns=tuple(sums))


def _names(merge: Merge) -> tuple[str, ...]:
    return (*(one.name for one in merge.columns), CURSOR, UNHELD, *(() if merge.key else (ROW,)))


def _removed(merge: Merge) -> str:
    """The condition under which the merge removes a row; empty where it removes none."""
    gone = [f"IFNULL({_of_row(TOMBSTONE)}, FALSE)"] if merge.deleted else []
    return " OR ".join([*gone, *([marked] if (marked := _marked(merge)) else [])])


def _marked(merge: Merge) -> str:
    """The condition under which the source marks a row as deleted, where such rows are removed."""
    soft = merge.soft_delete
    if soft is None or soft.mode is not SoftMode.REMOVE:
        return ""
    kind = next(one.target for one in merge.columns if one.name == soft.column)
    column = _of_row(soft.column)
    return f"IFNULL({column}, FALSE)" if kind == "BOOL" else f"{column} IS NOT NULL"


def _statement(merge: Merge, level: str, table: str, values: list[_Value], unheld: _Value, **more: Any) -> str:
    values = [*values, _Value(name=CURSOR, expression=_of_row(CURSOR), type="TIMESTAMP"), unheld]
    places = {one.name: place for place, one in enumerate(values)}
    identity = [places[name] for name in merge.key] or list(places.values())
    given = {
        "table": table,
        "read_at": utc(merge.read_at),
        "columns": [(one.expression, one.type.partition("(")[0]) for one in values],
        "identity": identity,
        "keyed": bool(merge.key),
        "digits": 2 * BYTES,
        "low": LOW,
        "one_of": SAMPLED if level == SAMPLE else 0,
        "cut": merge.partitioning,
        "removed": "",
        "pruning": None,
    }
    return statement("checksum.sql", given | more)
