"""Which columns BigQuery can hold, by their names, and the source can carry (R27)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from floodmark.core.config import column_names
from floodmark.core.config.names import OURS
from floodmark.core.schema import Column, TableSchema

_NOTHING: Mapping[str, str] = {}


def refusals(
    table: TableSchema, columns: tuple[str, ...] | None = None, rename: Mapping[str, str] = _NOTHING
) -> tuple[str, ...]:
    """Why columns can't be carried: what, where, the value and the remedy; empty where all can.

    ``rename`` has the names that columns of the source are to have in BigQuery, where they are to have others.
    """
    where = f"{table.schema}.{table.name}"
    found = []
    seen: dict[str, str] = {}
    for column in table.columns:
        if columns is not None and column.name not in columns:
            continue
        name = rename.get(column.name, column.name)
        if reason := _refusal(column, name, seen.get(name.casefold())):
            found.append(f"{where}.{column.name} ({column.type}): {reason}; {_remedy(column, table.names)}")
        seen.setdefault(name.casefold(), column.name)
    return tuple(found)


def _refusal(column: Column, name: str, twin: str | None) -> str:
    if column.carriage.refusal:
        return column.carriage.refusal
    if twin is not None:
        return f"in BigQuery it is the same column as {twin!r}, since case doesn't count there"
    if name.casefold().startswith(OURS):
        return f"names that begin with {OURS} are Floodmark's own"
    return column_names.refusal(name)


def _remedy(column: Column, taken: Collection[str]) -> str:
    exclude = "exclude it: columns: {exclude: [...]}"
    if column.carriage.refusal or column.name.casefold().startswith(OURS):
        return exclude
    return f"give it another name there, {column_names.offer(column.name, taken)}, or {exclude}"
