"""Which columns BigQuery can hold, by their names, and the source can carry (R27)."""

from __future__ import annotations

from floodmark.core.config.names import OURS
from floodmark.core.schema import Column, TableSchema

_BIGQUERY_KEEPS = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
_BIGQUERY_BARS = set('!"$()*,./;?@[\\]^`{}~')


def refusals(table: TableSchema, columns: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Why columns can't be carried: what, where, the value and the remedy; empty where all can.

    BigQuery's "Column names": some prefixes are kept, some characters barred, and names differ by more than case.
    """
    where = f"{table.schema}.{table.name}"
    found = []
    seen: dict[str, str] = {}
    for column in table.columns:
        if columns is not None and column.name not in columns:
            continue
        folded = column.name.casefold()
        if reason := _refusal(column, folded, seen.get(folded)):
            found.append(f"{where}.{column.name} ({column.type}): {reason}; exclude it: columns: {{exclude: [...]}}")
        seen.setdefault(folded, column.name)
    return tuple(found)


def _refusal(column: Column, folded: str, twin: str | None) -> str:
    if column.carriage.refusal:
        return column.carriage.refusal
    if twin is not None:
        return f"in BigQuery it is the same column as {twin!r}, since case doesn't count there"
    if folded.startswith(OURS):
        return f"names that begin with {OURS} are Floodmark's own"
    if folded.startswith(_BIGQUERY_KEEPS):
        return "BigQuery keeps names that begin so for itself"
    if barred := _BIGQUERY_BARS & set(column.name):
        return f"BigQuery allows no {' '.join(sorted(barred))} in a column's name"
    return ""
