"""The text of a read: what is selected, from what, between which bounds. Pure; every value is quoted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from floodmark.adapters.postgres.hashed import hashed
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.selected import expression
from floodmark.core import sql
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ports import Selection
from floodmark.core.reconcile import DIGITS, Scope
from floodmark.core.resolve.own_sql import bare_select
from floodmark.core.schema import TableSchema
from floodmark.core.time import wall_clock
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused

Bound = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One stretch of a query. ``bounds`` has a ``[low, high)`` per cursor column, in that column's own type.

    ``base`` is R10's, ``leaves`` R11's. ``overlaps`` are the earlier arms whose bounds it meets, so that each row is
    in one arm only.
    """

    bounds: tuple[Bound, ...]
    base: int | None = None
    leaves: tuple[int, ...] = ()
    overlaps: tuple[Arm, ...] = ()

    def meets(self, other: Arm) -> bool:
        """Whether both may select one row."""
        return any(
            low < high_ and low_ < high for (low, high), (low_, high_) in zip(self.bounds, other.bounds, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Some blocks of a table, and of each of its partitions: ``[low, high)``; None is no end."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """A selection, resolved against the catalog. ``xmax`` is the snapshot's, in 64 bits, where rows have an xmin."""

    selection: Selection
    schema: TableSchema
    xmax: int | None = None

    def rows(
        self,
        spans: Sequence[Span] | None,
        part: Part | None = None,
        *,
        stretch: Stretch | None = None,
    ) -> str:
        """The read's own text: some spans of the cursor, the whole table, or a part of it (R24).

        With a ``stretch`` only the rows that lie in its blocks. Raises ``ValueError`` for no spans.
        """
        if spans is None:
            whole: dict[str, Any] = {"part": part, "stretch": stretch, "timely": self._leaves_nulls}
            return self._render("extract_table", **whole)
        if not spans:
            raise ValueError(f"nothing to read of {self.selection.schema}.{self.selection.name}: no spans")
        selection = self.selection
        kept = selection.all_in_target(self._of_a_key_that_leaves)
        told: dict[str, Any] = {"leaving": selection.leaving, "kept": kept, "stretch": stretch}
        return self._render("extract_slice", arms=self._arms(spans), nulls=self._reads_nulls, **told)

    def part_end(self, low: tuple[str, ...], rows: int) -> str:
        """The key of the row that comes ``rows`` after ``low``, as texts; no row where there are fewer (R24)."""
        return self._render("part_end", low=low, rows=rows)

    def holder(self) -> str:
        """The same without bounds and rows: it locks all that the read will touch (R1)."""
        return self._render("hold")

    def counts(self) -> str:
        """Rows of no slice and rows of future slices (R22)."""
        return self._render("cursor_counts", now=[self._now(column) for column in self.selection.cursor])

    def fresh(self, spans: Sequence[Span]) -> str:
        """How many rows each span would read, in one row."""
        counted = [(self._arm(span), span.interval) for span in spans]
        return self._render("fresh", counted=counted)

    def probe(self) -> str:
        """The user's condition alone, over the table or the SELECT, without rows."""
        return self._render("probe")

    def result(self) -> str:
        """A user's own SELECT alone, without rows: what its columns are."""
        return sql.render("postgres/result.sql", {"own": self._own()}, quote=name, literal=literal)

    def compared(self, template: str, scope: Scope, **values: Any) -> str:
        """A statement of a reconcile, or the one that reads what it heals (R25)."""
        known = {"scope": scope, "hashed": hashed(self.selection, self.schema, scope), "digits": DIGITS}
        return self._render(template, latest=self._latest(), **known, **values)

    def _render(self, template: str, **values: Any) -> str:
        selection = self.selection
        known = {
            "columns": [(selection.in_target(column), self._expression(column)) for column in selection.columns],
            "key": [name(column) for column in selection.key],
            "cursors": [name(column) for column in selection.cursor],
            "moment": self._moment(),
            "asks_moment": self.moment_column is None,
            "schema": selection.schema,
            "table": selection.name,
            "own": self._own(),
            "where": selection.where.strip(),
            "xmin": self._xmin(),
            "buckets": None,
            "stretch": None,
            "part": None,
        }
        return sql.render(f"postgres/{template}.sql", known | values, quote=name, literal=literal)

    @property
    def moment_column(self) -> str | None:
        """The column whose value is the row's moment as it stands, as the target names it; empty: no row has one.

        None: a read selects the moment by itself, as it does where a row that leaves comes without that column (R37).
        """
        selection = self.selection
        if not selection.cursor:
            return ""
        [column, *more] = selection.cursor
        sent = not more and column in selection.columns and self._expression(column) == self._moment()
        kept = not selection.leaving or column in self._of_a_key_that_leaves
        return selection.in_target(column) if sent and kept else None

    @property
    def _of_a_key_that_leaves(self) -> tuple[str, ...]:
        """The columns of a row that only says that its key leaves (R37)."""
        return (*self.selection.key, self.selection.partition_by)

    def _own(self) -> str:
        return bare_select(self.selection.sql) if self.selection.sql else ""

    @property
    def _reads_nulls(self) -> bool:
        return self.selection.null_cursor == "include"

    @property
    def _leaves_nulls(self) -> bool:
        return self.selection.null_cursor == "ignore" and bool(self.selection.cursor)

    def _expression(self, column: str) -> str:
        return expression(self.selection, self.schema, column)

    def _type(self, column: str) -> str:
        found = self.schema.column(column)
        if found.array or found.base_type not in ("timestamptz", "timestamp", "date"):
            raise SourceRefused(
                f"{self.schema.schema}.{self.schema.name}: the cursor {column} is of type {found.type}; "
                "it must be a timestamp or a date: name another, or sync: full"
            )
        return found.base_type

    def _moment(self) -> str:
        """The row's cursor as an instant."""
        moments = self._moments()
        if len(moments) > 1:
            return f"COALESCE({', '.join(moments)})"
        return moments[0] if moments else "NULL::timestamptz"

    def _moments(self) -> list[str]:
        zone = literal(self.selection.timezone)
        written = {
            "timestamptz": "{}",
            "timestamp": f"({{}} AT TIME ZONE {zone})",
            "date": f"({{}}::timestamp AT TIME ZONE {zone})",
        }
        return [written[self._type(column)].format(name(column)) for column in self.selection.cursor]

    def _latest(self) -> str:
        """The last instant that the row's cursor may stand for: a day's is its end."""
        zone = literal(self.selection.timezone)
        moments = [
            f"(({name(column)} + 1)::timestamp AT TIME ZONE {zone})" if self._type(column) == "date" else one
            for column, one in zip(self.selection.cursor, self._moments(), strict=True)
        ]
        if len(moments) > 1:
            return f"COALESCE({', '.join(moments)})"
        return moments[0] if moments else "NULL::timestamptz"

    def _now(self, column: str) -> str:
        zone = literal(self.selection.timezone)
        now = "pg_catalog.statement_timestamp()"
        written = {
            "timestamptz": now,
            "timestamp": f"({now} AT TIME ZONE {zone})",
            "date": f"({now} AT TIME ZONE {zone})::date",
        }
        return written[self._type(column)]

    def _bound(self, column: str, interval: Interval) -> Bound:
        match self._type(column):
            case "timestamptz":
                return (interval.low, interval.high)
            case "timestamp":
                return wall_clock.wall_clock(interval, self.selection.timezone)
        return wall_clock.days(interval, self.selection.timezone)

    def _arms(self, spans: Sequence[Span]) -> list[Arm]:
        arms: list[Arm] = []
        for span in sorted(spans, key=lambda span: (span.base is not None, span.interval)):
            arm = self._arm(span)
            arms.append(replace(arm, overlaps=tuple(other for other in arms if arm.meets(other))))
        return arms

    def _arm(self, span: Span) -> Arm:
        bounds = tuple(self._bound(column, span.interval) for column in self.selection.cursor)
        return Arm(bounds=bounds, base=span.base if self.schema.row_versions else None, leaves=span.leaves)

    def _xmin(self) -> str:
        """A row's xmin in 64 bits: of the snapshot's epoch, or of the one before where it would lie in the future."""
        if self.xmax is None:
            return "NULL::bigint"
        epoch = self.xmax >> 32 << 32
        short = "xmin::text::bigint"
        return f"({short} + CASE WHEN {short} > {self.xmax - epoch} THEN {epoch - (1 << 32)} ELSE {epoch} END)"


def airflow_template(
    selection: Selection, low: str = "{{ data_interval_start }}", high: str = "{{ data_interval_end }}"
) -> str:
    """The text of a slice for Airflow to render, before the catalog is known: columns as named, cursors as they are."""
    bounds = [(f"'{low}'", f"'{high}'") for _ in selection.cursor]
    values = {
        "columns": [(column, name(column)) for column in selection.columns] or [("", "*")],
        "cursors": [name(column) for column in selection.cursor],
        "moment": "",
        "asks_moment": False,
        "schema": selection.schema,
        "table": selection.name,
        "own": selection.sql.strip().rstrip(";").rstrip(),
        "where": selection.where.strip(),
        "xmin": "",
        "part": None,
        "timely": False,
        "buckets": None,
        "stretch": None,
        "leaving": False,
        "nulls": selection.null_cursor == "include",
        "arms": [Arm(bounds=tuple(bounds))],
    }
    template = "extract_slice" if selection.cursor else "extract_table"
    return sql.render(f"postgres/{template}.sql", values, quote=name, literal=_as_written)


def _as_written(value: Any) -> str:
    return value if isinstance(value, str) else literal(value)


__all__ = ["Arm", "Query", "Stretch", "airflow_template"]
