"""The source's side of a reconcile, all in one snapshot (R25). Implements :class:`~floodmark.core.ports.Comparison`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from floodmark.adapters.arrow.healing import HealingRows
from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.adapters.postgres.hashed import value
from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.reader import Reader
from floodmark.core.checksum import LOW, Sum
from floodmark.core.ledger.portion import Buckets
from floodmark.core.reconcile import KEY_BITS, Heal, Ranges, Scope, Standing, shift

CHUNK = 1_000
"""Keys looked up by one statement."""


@dataclass(frozen=True, kw_only=True)
class PostgresComparison:
    """One table within ``scope``."""

    scope: Scope
    _query: Query = field(repr=False)
    _reader: Reader = field(repr=False)
    _selected: Callable[[str, datetime], ArrowRows] = field(repr=False)

    def sums(
        self, bits: int, *, keys_only: bool = False, stretch: Ranges | None = None
    ) -> tuple[dict[int, Sum], tuple[int, ...]]:
        """What the settled rows come to, by bucket; and the loose ones' keys. Of keys alone, or some ranges (R36)."""
        statement = self._query.compared(
            "reconcile_sums", self.scope, shift=shift(bits), low=LOW, keys_only=keys_only, stretch=stretch
        )
        sums: dict[int, Sum] = {}
        loose: list[int] = []
        for bucket, rows, total, mixed, keys in self._reader.rows(statement):
            loose.extend(keys or ())
            if rows:
                sums[bucket] = Sum(rows=rows, sum=total, xor=mixed)
        return sums, tuple(loose)

    def rows(self, buckets: Buckets) -> Iterator[tuple[int, Standing, int]]:
        """Every row of some buckets: its key's hash, its standing, its own hash."""
        statement = self._query.compared("reconcile_rows", self.scope, buckets=buckets)
        for key, standing, row in self._reader.rows(statement):
            yield key, Standing(standing), row

    def named(self, keys: Sequence[int]) -> tuple[str, ...]:
        """The keys behind these hashes, as texts, for people."""
        told = [_Comparand.of(self._query, column).selected for column in self._query.selection.key]
        buckets = Buckets(bits=KEY_BITS, numbers=tuple(keys))
        found = self._reader.rows(self._query.compared("reconcile_named", self.scope, buckets=buckets, told=told))
        return tuple(", ".join(map(str, row)) for row in found)

    def standing(self, keys: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
        """Some of these keys that are in the source after all, by their exact values; as texts, for people."""
        keys = [key for key in keys if None not in key]  # the source's have no NULL (R30)
        for at in range(0, len(keys), CHUNK):
            if standing := self._reader.rows(self._statement(keys[at : at + CHUNK])):
                return tuple(", ".join(map(str, row)) for row in standing)
        return ()

    def query(self, buckets: Buckets, read_at: datetime) -> str:
        """The text that :meth:`healing` runs."""
        return self._query.compared("extract_table", self.scope, part=None, timely=False, buckets=buckets)

    def healing(self, heal: Heal, read_at: datetime) -> HealingRows:
        """The rows that heal what differs. Raises what reading raises."""
        selection = self._query.selection
        rows = self._selected(self.query(heal.buckets, read_at), read_at)
        key, cut = selection.all_in_target(selection.key), selection.in_target(selection.partition_by)
        return HealingRows(rows, heal, key=key, cut=cut, read_at=read_at)

    def _statement(self, keys: Sequence[tuple[Any, ...]]) -> str:
        columns = [_Comparand.of(self._query, column) for column in self._query.selection.key]
        return self._query.compared(
            "reconcile_keys",
            self.scope,
            told=[column.selected for column in columns],
            told_by=[expression for column in columns for expression, _ in column.ways],
            keys=[
                [(text(part), type_) for column, part in zip(columns, key, strict=True) for _, type_ in column.ways]
                for key in keys
            ],
        )


@dataclass(frozen=True, kw_only=True)
class _Comparand:
    """How a key column is compared with a value of BigQuery's: each of ``ways`` is an expression and a type.

    By the column itself, so that its index serves; and, where its values travel as text, by that text too, byte by
    byte: a collation may hold two texts for equal.
    """

    selected: str
    ways: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, query: Query, column: str) -> _Comparand:
        described = query.schema.column(column)
        carried = value(query.selection, query.schema, column)
        as_text = f'({carried.selected})::text COLLATE "C"', "text"
        if column in query.selection.masks:  # a mask is no value of the column's
            return cls(selected=carried.selected, ways=(as_text,))
        itself = carried.raw, described.type
        if carried.type != "STRING":
            return cls(selected=carried.selected, ways=(itself,))
        composed = described.array or described.kind == "c"  # carried as JSON, which is no literal of theirs
        return cls(selected=carried.selected, ways=(as_text,) if composed else (itself, as_text))


def text(part: Any) -> str:
    """A key's value in BigQuery as a literal of the source's type."""
    match part:
        case bool():
            return "true" if part else "false"
        case bytes():
            return "\\x" + part.hex()
        case Decimal():
            return f"{part:f}"
        case datetime() | date() | time():
            return part.isoformat()
    return str(part)
