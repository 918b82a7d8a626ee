"""The request of an export and its text: the read's own query within one that describes itself, in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from floodmark.adapters.cloudsql.one_line import one_line
from floodmark.adapters.cloudsql.unspoiled import CANARY, SETTINGS
from floodmark.adapters.cloudsql.values import NAIVE, written
from floodmark.adapters.postgres.matrix.ways import Expression
from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.selected import carriage
from floodmark.core import sql
from floodmark.core.bigquery.tables import CURSOR, TOMBSTONE
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ports import Selection

_XMAX = "(SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint)"
_MOMENT = "timestamp[us, tz=UTC]"


@dataclass(frozen=True, kw_only=True)
class ExportedQuery(Query):
    """A selection as an export reads it. Its snapshot is known to it alone, so the epoch of an xmin is asked there.

    ``told``: its evidence says which catalog it is of, where that can't be asked for otherwise without another export.
    """

    told: bool = False

    def export(self, spans: Sequence[Span] | None, part: Part | None = None) -> str:
        """The export's text. Raises ``SourceRefused`` for what can't be one line."""
        values = {
            "rows": self.rows(spans, part),
            "values": [written(way, name(column)) for column, way in self.items(told=self.tells(spans))],
            "settings": SETTINGS,
            "canary": CANARY,
            "told": self.told,
            "offload": self.selection.offload,
            "columns": columns_digest(self.selection),
            "schema": self.selection.schema,
            "table": self.selection.name,
        }
        text = sql.render("cloudsql/export.sql", values, quote=name, literal=_escaped)
        return one_line(text, f"{self.selection.schema}.{self.selection.name}")

    @property
    def hidden(self) -> bool:
        """Whether the table has values that no message may hold, and the server's words might."""
        return self.selection.hides(self.schema.names)

    def tells(self, spans: Sequence[Span] | None) -> bool:
        """Whether its rows say which of them ``where`` doesn't select (R37)."""
        return spans is not None and self.selection.leaving

    def items(self, *, told: bool) -> Iterator[tuple[str, str]]:
        """A row's items, in order: each column's name and how it lands."""
        selection = self.selection
        for column in selection.columns:
            yield selection.in_target(column), self._landing(column)
        if self.moment_column is None:
            yield CURSOR, _MOMENT
        if told:
            yield TOMBSTONE, "bool"

    def _landing(self, column: str) -> str:
        """How a column lands, and of a moment whether it has a zone: that decides how its text is told."""
        way, found = carriage(self.selection, self.schema, column), self.schema.column(column)
        zoneless = found.base_type == "timestamp" and way.expression == Expression.AS_IS
        return NAIVE if way.arrow == _MOMENT and zoneless else way.arrow

    def _xmin(self) -> str:
        """A row's xmin in 64 bits, see :meth:`Query._xmin`."""
        short = "xmin::text::bigint"
        epoch = f"({_XMAX} >> 32 << 32)"
        return f"({short} + CASE WHEN {short} > ({_XMAX} & 4294967295) THEN {epoch} - 4294967296 ELSE {epoch} END)"


def columns_digest(selection: Selection) -> str:
    """The question for a table's columns in one word."""
    values = {"schema": selection.schema, "table": selection.name}
    return sql.render("cloudsql/columns_digest.sql", values, quote=name, literal=literal)


def questions(statements: Sequence[str], where: str, *, first: str = "") -> str:
    """Questions to be answered by one export, in one line; ``first`` is a SELECT for the locks that it takes."""
    values = {"statements": statements, "first": first, "settings": SETTINGS, "canary": CANARY}
    return one_line(sql.render("cloudsql/question.sql", values, quote=name, literal=_escaped), where)


def context(uri: str, query: str, database: str, *, offload: bool) -> dict[str, Any]:
    """The request's ``exportContext``. What the page contradicts itself on is said: quote, escape and delimiter."""
    csv = {"selectQuery": query, "quoteCharacter": "22", "escapeCharacter": "22", "fieldsTerminatedBy": "2C"}
    found = {"fileType": "CSV", "uri": uri, "databases": [database], "csvExportOptions": csv}
    return found | ({"offload": True} if offload else {})


def _escaped(value: object) -> str:
    """A literal in one line."""
    return literal(value).replace("\r", "\\r").replace("\n", "\\n")
