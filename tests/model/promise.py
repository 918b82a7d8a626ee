"""What the ledger's word means for a table, held against source, current and raw (the promise; R14-R18).

Independent of the pipeline: only which intervals the ledger calls sealed, and which reads applied, is taken from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg2.extras
from google.api_core.exceptions import NotFound

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import CLOSED, Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import Ledger
from floodmark.core.time.interval import Interval, merge, subtract
from floodmark.demo.compare import canonical
from tests.model.shop import Shop

Row = Mapping[str, Any]


class Broken(AssertionError):
    """A word of the promise that doesn't hold."""


@dataclass
class Promise:
    """One table's, over time: what was covered and sealed once stays so."""

    shop: Shop
    ledger: Ledger
    target: str
    warehouse: Any
    current: str
    raw: str
    covered: tuple[Interval, ...] = ()
    sealed: tuple[Interval, ...] = ()
    read_at: datetime | None = None
    checks: int = 0
    compared: int = field(default=0)

    def check(self) -> None:
        """Everything that holds at any moment. Raises ``Broken``."""
        self.checks += 1
        head = self.ledger.head(self.target)
        reads = [read for read in self.ledger.reads(self.target) if read.state in CLOSED]
        self._ledger(head, reads)
        if any(read.state is State.APPLIED and (read.rows or read.portion.replaces) for read in reads):
            current = self._query(f"SELECT * FROM `{self.current}`")
            self._raw(head, reads)
            self._rows(current, reads)
        elif self.sealed:
            self._rows([], reads)

    def contents(self) -> tuple[list[str], list[str]]:
        """All rows of current and of raw, if they are there."""
        if self.warehouse_has(self.current) and self.warehouse_has(self.raw):
            found = [self._query(f"SELECT * FROM `{table}`") for table in (self.current, self.raw)]
            return sorted(map(str, found[0])), sorted(map(str, found[1]))
        return [], []

    def both_ends(self) -> tuple[list[Row], list[Row]]:
        """All rows of the source and of current; sealed is what the ledger says by now."""
        self.sealed = coverages.sealed(self.ledger.head(self.target).coverage)
        current = self._query(f"SELECT * FROM `{self.current}`") if self.warehouse_has(self.current) else []
        return self._source(), current

    def warehouse_has(self, table: str) -> bool:
        """Whether the table is there."""
        try:
            self.warehouse.get_table(table)
        except NotFound:
            return False
        return True

    def _ledger(self, head: Head, reads: Sequence[Read]) -> None:
        moments = [read.read_at for read in reads] + ([head.open.read_at] if head.open else [])
        if sorted(set(moments)) != moments:
            raise Broken(f"read_at doesn't grow strictly: {moments}")
        covered = merge(segment.interval for segment in head.coverage)
        sealed = coverages.sealed(head.coverage)
        new = [read for read in reads if self.read_at is None or read.read_at > self.read_at]
        void = any(read.portion.anew for read in new)  # what it read before counts no more (R29)
        for name, before, now in (("covered", self.covered, covered), ("sealed", self.sealed, sealed)):
            if not void and (lost := subtract(before, now)):
                raise Broken(f"{name} no more: {', '.join(map(str, lost))}")
        self.covered, self.sealed = covered, sealed
        self.read_at = reads[-1].read_at if reads else None
        if late := [read for read in reads if read.late]:
            raise Broken(f"{late[0].late} late rows in the read of {late[0].read_at}: something was sealed too early")

    def _raw(self, head: Head, reads: Sequence[Read]) -> None:
        key = "" if self.shop.kind == "append" else ", COUNT(DISTINCT id) AS keys"
        query = f"SELECT _floodmark_read_at AS read_at, COUNT(*) AS n{key} FROM `{self.raw}` GROUP BY 1"
        found = {row["read_at"]: row for row in self._query(query)}
        expected = {read.read_at: read.rows for read in reads if read.state is State.APPLIED and read.rows}
        if head.open and head.open.read_at in found:
            expected[head.open.read_at] = head.open.rows
        counted = {at: row["n"] for at, row in found.items()}
        if counted != {at: rows for at, rows in expected.items() if at in counted or self._merged(reads, at)}:
            raise Broken(f"raw holds {counted}, the reads have {expected}")
        if doubled := [at for at, row in found.items() if key and row["keys"] != row["n"]]:
            raise Broken(f"raw holds keys twice in the read of {doubled}")

    @staticmethod
    def _merged(reads: Sequence[Read], at: datetime) -> bool:
        """Whether the read went through raw: a refresh equal to the last one doesn't."""
        return any(read.read_at == at and (read.changed or read.effects) for read in reads)

    def _rows(self, current: Sequence[Row], reads: Sequence[Read]) -> None:
        """Current is read before the source; the writers stand still meanwhile."""
        source = self._source()
        committed = set(self.shop.ask("SELECT id, version FROM {history}"))
        if strange := [row for row in current if (row["id"], row["version"]) not in committed]:
            raise Broken(f"current holds what was never committed: {strange}")
        if self.shop.kind == "append":
            self._multisets(source, current)
        else:
            self._by_key(source, current, self._ghosts(reads))

    def _multisets(self, source: Iterable[Row], current: Iterable[Row]) -> None:
        names = self._names()
        ours = Counter(_values(row, names) for row in source if self.promised(row["updated_at"]))
        theirs = Counter(_values(row, names) for row in current if self.promised(row["updated_at"]))
        self.compared += ours.total()
        if ours != theirs:
            raise Broken(f"missing: {list(ours - theirs)}; extra: {list(theirs - ours)}; sealed {self._told()}")

    def _by_key(self, source: Sequence[Row], current: Sequence[Row], ghosts: set[int]) -> None:
        names = self._names()
        there = {row["id"]: row for row in source}
        keys = Counter(row["id"] for row in current)
        if doubled := [key for key, times in keys.items() if times > 1]:
            raise Broken(f"keys twice in current: {doubled}")
        found = {row["id"]: row for row in current}
        for key, row in there.items():
            if not self.promised(row["updated_at"]):
                continue  # changed after the watermark, or in a slice that nothing was promised of
            self.compared += 1
            if row["deleted_at"] is not None:
                if key in found:
                    raise Broken(f"{dict(found[key])} stands in current, deleted in the source: {dict(row)}")
            elif key not in found:
                raise Broken(f"missing in current: {dict(row)}; sealed {self._told()}")
            elif _values(row, names) != _values(found[key], names):
                raise Broken(f"stale in current: {dict(found[key])}; the source has {dict(row)}; sealed {self._told()}")
        if strange := [found[key] for key in found if key not in there and key not in ghosts]:
            raise Broken(f"in current, but neither in the source nor deleted since all keys were seen: {strange}")

    def _ghosts(self, reads: Sequence[Read]) -> set[int]:
        """Keys that went from the source and may stand in current: those that no reload or reconcile has seen gone."""
        whole = [read for read in reads if read.state is State.APPLIED and _sees_all_keys(read)]
        since = (whole[-1].snapshot.base or 0) if whole else 0
        return {key for key, xid in self.shop.ask("SELECT id, xid FROM {gone}") if xid >= since}

    def promised(self, moment: datetime) -> bool:
        """Whether it lies in what is sealed."""
        return any(moment in interval for interval in self.sealed)

    def _told(self) -> str:
        return ", ".join(map(str, self.sealed)) or "nothing"

    def _names(self) -> list[str]:
        return ["id", "version", "note", "amount", "created_at", "updated_at", "deleted_at", *self.shop.added]

    def _source(self) -> list[Row]:
        with self.shop.admin.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(self.shop.statement("SELECT * FROM {table}"))
            return list(cursor.fetchall())

    def _query(self, query: str) -> list[Row]:
        return [dict(row.items()) for row in self.warehouse.query(query, location="EU").result()]


def _sees_all_keys(read: Read) -> bool:
    return read.kind is Kind.RELOAD or (read.reconciled is not None and read.reconciled.complete)


def _values(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    """By name; a column that current doesn't have yet is NULL there (R26)."""
    return tuple(canonical(row.get(name)) for name in names)
