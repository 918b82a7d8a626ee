"""The statement that applies a read to current (R18), and the questions asked before it (R12, R28)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from floodmark.core.bigquery import partitions
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.partitions import Partitioning, Pruning
from floodmark.core.bigquery.tables import CURSOR, DELETED, READ_AT, TOMBSTONE, UNHELD
from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval, utc


class SoftMode(StrEnum):
    """What becomes of a row that the source marks as deleted (R25)."""

    REMOVE = "remove"
    """It is not in current."""
    FLAG = "flag"
    """It stays there, with ``_floodmark_deleted`` true."""


@dataclass(frozen=True, kw_only=True)
class SoftDelete:
    """The column by which the source marks a row as deleted: a boolean that is true, anything else not NULL."""

    column: str
    mode: SoftMode = SoftMode.REMOVE


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What is applied: one read, named by ``read_at``, from ``raw`` to ``current`` (both ``project.dataset.table``).

    With a ``key`` rows are upserted. With ``replace`` the ``scope`` is replaced: the intervals of the cursor that an
    append table's read covers, or, where it is empty, the whole table. ``zone``: current is cut by the very cursor, as
    a clock in that zone shows it, so that an interval of one is an interval of the other; empty where it is not.
    ``partitions`` are the manifest's values of the column by which current is cut; None there is the partition of
    NULL. ``deleted``: some of the read's rows say that their key is not in current any more (R25, R31); ``anywhere``:
    in whatever partition it stood; ``null_keys``: such a key may hold a NULL. ``unheld``: current has the column for
    texts of what it can't hold (R31). ``older_than``: beside the upsert, what no read since that moment has seen leaves
    (R24). ``emptied`` are columns of current, each with its type, that the read doesn't fill: NULL in each row that it
    writes (R26). ``cuts`` are the partitions at which the statements meet, where it clears too much for one (R20).
    ``instead`` is a SELECT of the rows that current would hold, where they are asked for before it is there. ``absent``
    are columns that current doesn't have, where it is asked for them: they are NULL there.
    """

    raw: str
    current: str
    columns: tuple[Carried, ...]
    read_at: datetime
    key: tuple[str, ...] = ()
    soft_delete: SoftDelete | None = None
    partitioning: Partitioning | None = None
    partitions: tuple[str | None, ...] = ()
    replace: bool = False
    scope: tuple[Interval, ...] = ()
    zone: str = ""
    deleted: bool = False
    anywhere: bool = False
    null_keys: bool = False
    unheld: bool = False
    older_than: datetime | None = None
    emptied: tuple[tuple[str, str], ...] = ()
    cuts: tuple[str, ...] = ()
    instead: str = ""
    absent: tuple[str, ...] = ()

    @property
    def removes(self) -> bool:
        """Whether some of its rows may say that their key is not in current."""
        return self.deleted or (self.soft_delete is not None and self.soft_delete.mode is SoftMode.REMOVE)

    @property
    def folded(self) -> tuple[str, ...]:
        """The key's columns of which the source holds different texts for equal."""
        return tuple(one.name for one in self.columns if one.folded and one.name in self.key)

    @property
    def clears(self) -> bool:
        """Whether it looks at all of current, not only at the partitions of its rows."""
        return self.replace or self.older_than is not None

    def __post_init__(self) -> None:
        """Raises ``ValueError`` where the parts don't fit."""
        utc(self.read_at)
        carried = {column.name for column in self.columns}
        named = {*self.key, *([self.soft_delete.column] if self.soft_delete else [])}
        if not named <= carried:
            raise ValueError(f"{self.current}: not carried: {', '.join(sorted(named - carried))}")
        if not self.replace and not self.key:
            raise ValueError(f"{self.current}: without a key rows can't be upserted, only replaced")
        if self.scope and not self.replace:
            raise ValueError(f"{self.current}: only what is replaced has a scope")
        if self.deleted and self.replace:
            raise ValueError(f"{self.current}: what is deleted is removed by its key")


def merges(merge: Merge, *, most: int = partitions.MOST_PER_JOB) -> tuple[str, ...]:
    """The statements that apply the read, normally one; it is applied when all are done, in any order (R20).

    Upsert: a version goes in if it is newer than the one that stands there, a row that came back is back.
    Replace: what stands in the scope goes, and the read's rows come, at once; where a newer read (or this one)
    stands in the scope already, nothing changes.
    """
    cut = merge.partitioning
    if cut is not None and merge.cuts:
        return tuple(_statement(merge, part, narrow=True) for part in partitions.meeting(cut, merge.cuts))
    if cut is None or merge.scope or merge.anywhere:
        return (_statement(merge, _spanned(merge, merge.scope), narrow=False),)
    if partitions.count(merge.partitions) <= most:
        pruning = None if merge.clears else partitions.prune(cut, merge.partitions)
        return (_statement(merge, pruning, narrow=False),)
    parts = partitions.split(cut, merge.partitions, whole=merge.clears, most=most)
    return tuple(_statement(merge, part, narrow=True) for part in parts)


def late(merge: Merge, recheck: Sequence[Interval], rechecked: Rechecked | None = None) -> str:
    """Counts, as ``late``, the read's rows in ``recheck`` (sealed slices) that will change current (R12).

    To be asked before the merge. Rows of an append table never change, so there it is how many more they are.
    ``rechecked`` are those rows, if they were counted: current is looked at only where they lie.
    """
    if rechecked is not None:
        merge = replace(merge, partitions=rechecked.partitions)
    if not merge.key:
        return statement("late_appended.sql", {**_values(merge, _spanned(merge, recheck)), "recheck": tuple(recheck)})
    return statement("late.sql", {**_values(merge, _pruned(merge)), "recheck": tuple(recheck)})


def rows_after(merge: Merge) -> str:
    """Counts, as ``brought`` and ``kept``, the rows that current will have of the read, and those it keeps beside.

    To be asked before the merge, of a read that replaces all of current, or that says of keys that they leave it.
    """
    return statement("rows_after.sql", _values(merge, None))


def keys_doubled(merge: Merge, *, whole: bool = False) -> str:
    """Counts, as ``doubled``, the keys that current holds twice: in the touched partitions, or everywhere (R28).

    Where everywhere, and where the source holds different texts of the key for equal, so does ``alike``: the keys that
    differ from another in case or trailing spaces alone (R25).
    """
    values = {"table": merge.current, "key": merge.key, "cut": merge.partitioning, "read_at": None}
    folded = merge.folded if whole else ()
    return statement("keys_doubled.sql", {**values, "pruning": None if whole else _pruned(merge), "folded": folded})


def read_keys_doubled(merge: Merge) -> str:
    """Counts, as ``doubled``, the keys that this read holds more than once: where no unique index proves them (R2)."""
    values = {"table": merge.raw, "key": merge.key, "cut": None, "pruning": None, "folded": ()}
    return statement("keys_doubled.sql", {**values, "read_at": utc(merge.read_at)})


def partitions_standing(merge: Merge) -> str:
    """Lists, as ``start``, the partitions of current that have rows."""
    cut = merge.partitioning
    if cut is None:
        raise ValueError(f"{merge.current}: it is not partitioned")
    values = {"table": merge.current, "instead": merge.instead, "cut": cut, "unit": cut.unit.upper()}
    return statement("partitions_standing.sql", values)


def _pruned(merge: Merge) -> Pruning | None:
    cut = merge.partitioning
    return partitions.prune(cut, merge.partitions) if cut and not merge.anywhere else None


def _spanned(merge: Merge, intervals: Sequence[Interval]) -> Pruning | None:
    """Where the rows of these intervals lie in current; None where only its cursor tells."""
    cut = merge.partitioning
    return partitions.spanning(cut, intervals, merge.zone) if cut and merge.zone and intervals else None


def _statement(merge: Merge, pruning: Pruning | None, *, narrow: bool) -> str:
    """``narrow``: only the rows of raw that belong to these partitions, since other statements apply the rest."""
    spanned = [_spanned(merge, (interval,)) for interval in merge.scope] if pruning and not narrow else []
    return statement("merge.sql", {**_values(merge, pruning), "narrow": narrow, "spanned": spanned})


def _values(merge: Merge, pruning: Pruning | None) -> dict[str, object]:
    soft = merge.soft_delete
    flag = soft is not None and soft.mode is SoftMode.FLAG
    names = [column.name for column in merge.columns]
    cut = merge.partitioning
    return {
        "raw": merge.raw,
        "current": merge.current,
        "columns": merge.columns,
        "key": merge.key,
        "read_at": utc(merge.read_at),
        "replace": merge.replace,
        "older_than": utc(merge.older_than) if merge.older_than else None,
        "scope": merge.scope,
        "cut": cut,
        "pruning": pruning,
        "soft": soft.column if soft else "",
        "soft_boolean": soft is not None and _target(merge, soft.column) == "BOOL",
        "removes": soft is not None and not flag,
        "deleted": merge.deleted,
        "leaving": [*([DELETED] if soft is not None and not flag else []), *([TOMBSTONE] if merge.deleted else [])],
        "unheld": merge.unheld,
        "emptied": merge.emptied,
        "null_keys": merge.null_keys,
        "stored": [*names, CURSOR, READ_AT, *([DELETED] if flag else []), *([UNHELD] if merge.unheld else [])],
        "compared": [
            *(column for column in merge.columns if column.name not in merge.key),
            *([Carried(name=UNHELD, landing="STRING", target="STRING")] if merge.unheld else []),
        ],
    }


def _target(merge: Merge, name: str) -> str:
    return next(column.target for column in merge.columns if column.name == name)
