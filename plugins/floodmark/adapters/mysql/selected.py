"""How a selection's columns are written in a SELECT: the key's in one text (R30), the soft delete's by what lives."""

from __future__ import annotations

from floodmark.adapters.mysql.masks import masked, variables_of
from floodmark.adapters.mysql.quote import literal, name
from floodmark.core.carriage import Carriage
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema


def carriage(selection: Selection, schema: TableSchema, column: str) -> Carriage:
    """How the column travels. A table without a cursor is replaced as a whole, so its key matches nothing."""
    found = schema.column(column)
    way = found.key if column in selection.key and selection.cursor else found.carriage
    mask = selection.masks.get(column)
    return masked(way, mask, variables_of(selection.masks)) if mask else way


def carriages(selection: Selection, schema: TableSchema) -> dict[str, Carriage]:
    """All of them, by their names in the target."""
    return {selection.in_target(column): carriage(selection, schema, column) for column in selection.columns}


def written(selection: Selection, column: str) -> str:
    """The column in SQL, before it is made fit to travel. What means that a row lives is NULL (R25)."""
    quoted = name(column)
    if column == selection.soft and selection.live:
        return f"IF({quoted} = {literal(selection.live)}, NULL, {quoted})"
    return quoted
