"""The text of a read: what is selected, from what, between which bounds. Pure; every value is quoted here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from floodmark.adapters.mysql.cells import EMPTY, cell, line
from floodmark.adapters.mysql.quote import literal, name
from floodmark.adapters.mysql.selected import carriage, carriages, written
from floodmark.adapters.mysql.types import ZONED
from floodmark.core import sql
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ports import Selection
from floodmark.core.resolve.own_sql import bare_select
from floodmark.core.schema import TableSchema
from floodmark.core.time import wall_clock
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused

Bounds = tuple[tuple[Any, Any], ...]
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Query:
    """A selection, resolved against the catalog."""

    selection: Selection
    schema: TableSchema

    def rows(self, spans: Sequence[Span] | None, part: Part | None = None) -> str:
        """The read's own text: some stretches of the cursor, the whole table, or a part of it (R24).

        One SELECT for all stretches, since nothing but their bounds tells them apart: MySQL's rows have no xmin (M20).
        Raises ``ValueError`` for no stretches.
        """
        if spans is None:
            return self.whole(part)
        if not spans:
            raise ValueError(f"nothing to read of {self.selection.schema}.{self.selection.name}: no spans")
        flagged = self.flags_leaving
        return self._render(
            "extract_slice",
            line=line([*self._cells, *(["'0'"] if flagged else [])]),
            leaving=self._key_alone() if flagged else "",
            arms=[self._bounds(span.interval) for span in spans],
            nulls=self.selection.null_cursor == "include",
        )

    def whole(self, part: Part | None = None, along: Sequence[str] = ()) -> str:
        """The whole table, or a part of it ``along`` some columns; without them along its key."""
        timely = self.selection.null_cursor == "ignore" and bool(self.selection.cursor)
        ends = self._ends(part, along) if part else {}
        return self._render("extract_table", line=line(self._cells), part=part, timely=timely, **ends)

    def every(self) -> str:
        """The whole table, rows without a cursor too, whatever becomes of them (R25, R36)."""
        return self._render("extract_table", line=line(self._cells), part=None, timely=False)

    @property
    def flags_leaving(self) -> bool:
        """Whether a slice's rows say if ``where`` selects them (R37)."""
        return self.selection.leaving and bool(self.selection.where)

    def holder(self) -> str:
        """The same without bounds and rows: it holds all that the read will touch (M13)."""
        return self._render("hold", line=line(self._cells))

    def counts(self) -> str:
        """Rows of no slice and rows of future slices (R22)."""
        return self._render("cursor_counts", now=[self._now(column) for column in self.selection.cursor])

    def fresh(self, spans: Sequence[Span]) -> str:
        """How many rows each span would read, in one row."""
        return self._render("fresh", counted=[self._bounds(span.interval) for span in spans])

    def part_end(
        self, low: tuple[str, ...], rows: int, *, along: Sequence[str] = (), high: tuple[str, ...] = ()
    ) -> str:
        """The key of the row that comes ``rows`` after ``low``, as texts; no row where there are fewer (R24).

        Nor where it would lie beyond ``high``. ``along`` are other columns than its key's.
        """
        key = along or self.selection.key
        told = [self.schema.column(column).carriage.select(name(column)) for column in key]
        ends = {"low": self._literals(low, key), "high": self._literals(high, key)}
        return self._render("part_end", rows=rows, told=told, key=[name(column) for column in key], **ends)

    def ends(self, column: str) -> str:
        """The least and the greatest value of a column of the primary key."""
        return self._render("key_ends", column=column)

    def estimate(self, part: Part, along: Sequence[str]) -> str:
        """An EXPLAIN of a part of the primary key's index."""
        return self._render("estimate", part=part, **self._ends(part, along))

    def _ends(self, part: Part, along: Sequence[str]) -> dict[str, list[str]]:
        key = along or self.selection.key
        ends = {"low": self._literals(part.low, key), "high": self._literals(part.high, key)}
        return {"key": [name(column) for column in key], **ends}

    def probe(self) -> str:
        """The user's condition alone, over the table or the SELECT, without rows."""
        return self._render("probe")

    def result(self) -> str:
        """A user's own SELECT alone, without rows: what its columns are."""
        return sql.render("mysql/result.sql", {"own": self.own()}, quote=name, literal=literal)

    def _render(self, template: str, **values: Any) -> str:
        selection = self.selection
        known = {
            "names": [name(selection.in_target(column)).replace("\n", " ") for column in selection.columns],
            "key": [name(column) for column in selection.key],
            "cursors": [name(column) for column in selection.cursor],
            "schema": selection.schema,
            "table": selection.name,
            "own": self.own(),
            "where": selection.where.strip(),
        }
        return sql.render(f"mysql/{template}.sql", known | values, quote=name, literal=literal)

    def own(self) -> str:
        """The user's own SELECT; empty for a table."""
        return bare_select(self.selection.sql) if self.selection.sql else ""

    @property
    def _cells(self) -> list[str]:
        ways = carriages(self.selection, self.schema).values()
        columns = [written(self.selection, column) for column in self.selection.columns]
        cells = [cell(way, column) for way, column in zip(ways, columns, strict=True)]
        return [*cells, self._moment_cell()]

    def _moment_cell(self) -> str:
        moment = self.moment()
        return f"IF({moment} IS NULL, '', {moment})"

    def _key_alone(self) -> str:
        """A row of the slice that ``where`` doesn't select: its key, its place and its moment."""
        selection = self.selection
        kept = {*selection.key, selection.partition_by}
        cells = [
            cell(carriage(selection, self.schema, column), written(selection, column)) if column in kept else EMPTY
            for column in selection.columns
        ]
        return line([*cells, self._moment_cell(), "'1'"])

    def moment(self) -> str:
        """The row's cursor as a wall time of UTC."""
        moments = [self._in_utc(column) for column in self.selection.cursor]
        if len(moments) > 1:
            return f"COALESCE({', '.join(moments)})"
        return moments[0] if moments else "NULL"

    def _in_utc(self, column: str) -> str:
        """A day that no calendar has stays as it is: CONVERT_TZ makes another one of it, or NULL (*measured*)."""
        wall = f"CAST({name(column)} AS DATETIME(6))"
        if self._type(column) == ZONED or self.selection.timezone == "UTC":
            return wall
        there_is = f"DAY({wall}) BETWEEN 1 AND DAY(LAST_DAY({wall}))"
        return f"IF({there_is}, CONVERT_TZ({wall}, {literal(self.selection.timezone)}, '+00:00'), {wall})"

    def _now(self, column: str) -> str:
        if self._type(column) == ZONED or self.selection.timezone == "UTC":
            return "UTC_TIMESTAMP(6)"
        return f"CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', {literal(self.selection.timezone)})"

    def _type(self, column: str) -> str:
        found = self.schema.column(column)
        if found.base_type not in (ZONED, "datetime", "date"):
            raise SourceRefused(
                f"{self.schema.schema}.{self.schema.name}: the cursor {column} is of type {found.type}; "
                "it must be a timestamp, a datetime or a date: name another, or sync: full"
            )
        return found.base_type

    def _bounds(self, interval: Interval) -> Bounds:
        return tuple(self._bound(column, interval) for column in self.selection.cursor)

    def _bound(self, column: str, interval: Interval) -> tuple[Any, Any]:
        """In the column's own type. A TIMESTAMP shows the session's zone, which is UTC (M3)."""
        match self._type(column):
            case "date":
                return wall_clock.days(interval, self.selection.timezone)
            case "datetime":
                return wall_clock.wall_clock(interval, self.selection.timezone)
        return (interval.low, interval.high)

    def _literals(self, values: Sequence[str], key: Sequence[str]) -> list[str]:
        """A key's texts, each as a literal that is compared as its column's index is (M23)."""
        return [self._literal(column, value) for column, value in zip(key, values, strict=False)]

    def _literal(self, column: str, value: str) -> str:
        found = self.schema.column(column)
        way = found.carriage
        if way.arrow == "binary":
            return literal(bytes.fromhex(value))
        if way.landing in ("INT64", "NUMERIC") or found.base_type.startswith("decimal"):
            if not _NUMBER.fullmatch(value):
                raise ValueError(f"{value!r} is no number of {column}")
            return value
        return literal(value)
