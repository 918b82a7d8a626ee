"""How a selection's columns are written in a SELECT: the key's in one text (R30), the soft delete's by what lives."""

from __future__ import annotations

from floodmark.adapters.postgres.masks import masked, settings_of
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core.carriage import Carriage
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema


def carriage(selection: Selection, schema: TableSchema, column: str) -> Carriage:
    """How the column travels. A table without a cursor is replaced as a whole, so its key matches nothing."""
    found = schema.column(column)
    way = found.key if column in selection.key and selection.cursor else found.carriage
    mask = selection.masks.get(column)
    return masked(way, mask, settings_of(selection.masks)) if mask else way


def written(selection: Selection, column: str) -> str:
    """The column in SQL, before it is made fit to travel. What means that a row lives is NULL (R25)."""
    quoted = name(column)
    if column == selection.soft and selection.live:
        return f"NULLIF({quoted}, {literal(selection.live)})"
    return quoted


def expression(selection: Selection, schema: TableSchema, column: str) -> str:
    """The column as a read selects it."""
    return carriage(selection, schema, column).select(written(selection, column))
