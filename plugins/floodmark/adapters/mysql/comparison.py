"""The source's side of a reconcile, all in one snapshot (R25). Implements :class:`~floodmark.core.ports.Comparison`.

MySQL can't write a double as BigQuery does, digit by digit, so rows are hashed in the worker: the table streams
through.
A key's values are compared exactly, byte by byte, whatever its collation holds for equal (M25).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from floodmark.adapters.arrow.comparing import ComparedRows, Judged, RowJudge
from floodmark.adapters.arrow.healing import HealingRows
from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.adapters.mysql.query import Query
from floodmark.adapters.mysql.quote import literal, name
from floodmark.adapters.mysql.reader import Reader
from floodmark.adapters.mysql.selected import carriage, written
from floodmark.core import sql
from floodmark.core.checksum import LOW, Sum
from floodmark.core.ledger.portion import Buckets
from floodmark.core.reconcile import KEY_BITS, Heal, Ranges, Scope, Standing, shift

CHUNK = 500
"""Keys looked up by one statement."""


@dataclass(frozen=True, kw_only=True)
class MySQLComparison:
    """One table within ``scope``. ``_compared`` begins to read all of its rows anew."""

    scope: Scope
    _query: Query = field(repr=False)
    _reader: Reader = field(repr=False)
    _judge: RowJudge = field(repr=False)
    _compared: Callable[[], ComparedRows] = field(repr=False)
    _healing: Callable[[str, datetime, Callable[[Any], Any]], ArrowRows] = field(repr=False)

    def sums(
        self, bits: int, *, keys_only: bool = False, stretch: Ranges | None = None
    ) -> tuple[dict[int, Sum], tuple[int, ...]]:
        """What the settled rows come to, by bucket; and the loose ones' keys. Of keys alone, or some ranges (R36)."""
        by = shift(bits)
        totals: dict[int, tuple[int, int, int]] = {}
        loose: list[int] = []
        for row in self._compared().judged(keys_only=keys_only):
            if stretch and not stretch.low <= row.key >> stretch.shift < stretch.high:
                continue
            if row.standing is Standing.LOOSE:
                loose.append(row.key)
            elif row.standing is Standing.SETTLED:
                count, total, mixed = totals.get(row.key >> by, (0, 0, 0))
                totals[row.key >> by] = (count + 1, total + (row.row & LOW), mixed ^ row.row)
        sums = {bucket: Sum(rows=count, sum=total, xor=mixed) for bucket, (count, total, mixed) in totals.items()}
        return sums, tuple(loose)

    def rows(self, buckets: Buckets) -> Iterator[tuple[int, Standing, int]]:
        """Every row of some buckets: its key's hash, its standing, its own hash."""
        for row in self._of(buckets):
            if not row.keyless:
                yield row.key, row.standing, row.row

    def _of(self, buckets: Buckets) -> Iterator[Judged]:
        wanted, by = frozenset(buckets.numbers), KEY_BITS - buckets.bits
        return (row for row in self._compared().judged() if row.key >> by in wanted)

    def named(self, keys: Sequence[int]) -> tuple[str, ...]:
        """The keys behind these hashes, as texts, for people."""
        wanted, found = frozenset(keys), []
        compared = self._compared()
        names = self._query.selection.all_in_target(self._query.selection.key)
        for batch, judged in compared.by_batch():
            for place, row in enumerate(judged):
                if row.key in wanted:
                    found.append(", ".join(str(batch.column(one)[place].as_py()) for one in names))
        return tuple(found)

    def standing(self, keys: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
        """Some of these keys that are in the source after all, by their exact values; as texts, for people."""
        keys = [key for key in keys if None not in key]  # the source's have no NULL (R30)
        for at in range(0, len(keys), CHUNK):
            if found := self._reader.rows(self._statement(keys[at : at + CHUNK])):
                return tuple(", ".join(map(str, row)) for row in found)
        return ()

    def query(self, buckets: Buckets, read_at: datetime) -> str:
        """The text that :meth:`healing` runs; the worker takes the rows of ``buckets`` out of what it gives."""
        return self._query.every()

    def healing(self, heal: Heal, read_at: datetime) -> HealingRows:
        """The rows that heal what differs. Raises what reading raises."""
        selection = self._query.selection
        wanted, by = frozenset(heal.buckets.numbers), KEY_BITS - heal.buckets.bits
        judge = self._judge

        def of_buckets(batch: Any) -> Any:
            kept = [row.key >> by in wanted and row.standing is not Standing.OUTSIDE for row in judge.of(batch)]
            return batch.filter(pa.array(kept, pa.bool_()))

        rows = self._healing(self.query(heal.buckets, read_at), read_at, of_buckets)
        key, cut = selection.all_in_target(selection.key), selection.in_target(selection.partition_by)
        return HealingRows(rows, heal, key=key, cut=cut, read_at=read_at)

    def _statement(self, keys: Sequence[tuple[Any, ...]]) -> str:
        selection = self._query.selection
        columns = [(carriage(selection, self._query.schema, one), written(selection, one)) for one in selection.key]
        conditions = [
            " AND ".join(
                _equal(way.arrow, way.select(column), column, text(part), masked=one in selection.masks)
                for (way, column), part, one in zip(columns, key, selection.key, strict=True)
            )
            for key in keys
        ]
        values = {
            "told": [way.select(column) for way, column in columns],
            "conditions": conditions,
            "schema": selection.schema,
            "table": selection.name,
            "own": self._query.own(),
            "where": selection.where.strip(),
        }
        return sql.render("mysql/reconcile_keys.sql", values, quote=name, literal=literal)


def _equal(arrow: str, selected: str, column: str, value: str, *, masked: bool) -> str:
    """By the column itself, so that its index serves; and of a text by its bytes, too."""
    if masked:
        return f"{selected} = {literal(value)}"
    if arrow == "binary":
        return f"{column} = {literal(bytes.fromhex(value))}"
    if arrow == "string":
        return f"({column} = {literal(value)} AND BINARY ({selected}) = BINARY {literal(value)})"
    if arrow.startswith(("int", "decimal")):
        return f"{column} = {value}"
    return f"{column} = {literal(value)}"


def text(part: Any) -> str:
    """A key's value in BigQuery as a text of the source's."""
    match part:
        case bool():
            return "1" if part else "0"
        case bytes():
            return part.hex()
        case Decimal():
            return f"{part:f}"
        case datetime():
            return part.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
        case date() | time():
            return part.isoformat()
    return str(part)
