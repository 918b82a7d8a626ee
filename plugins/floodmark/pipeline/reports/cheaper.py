"""What a large table that is read whole each time costs, and the YAML that would be cheaper (R20, R23)."""

from __future__ import annotations

from collections.abc import Sequence

from floodmark.core.bigquery.price import MONTH
from floodmark.core.config.table import TableConfig
from floodmark.core.schema import Column, TableSchema

LARGE = 100_000
"""Rows below which reading a table whole is not worth a word."""
_CHANGED, _MADE = ("updated", "modified", "changed"), ("created", "inserted", "occurred", "at", "time")


def cheaper(table: TableConfig, schema: TableSchema, sync: str) -> str:
    """A warning, with what to write instead; empty where there is nothing to say."""
    rows = schema.estimated_rows
    if sync != "full" or rows < LARGE:
        return ""
    monthly = rows * (MONTH / table.cadence.mean)
    said = (
        f"sync: full: each run reads and replaces all of about {rows:,} rows, {monthly:,.0f} a month at a cadence of "
        f"{table.cadence}"
    )
    moments = [column for column in schema.columns if column.base_type in ("timestamptz", "timestamp")]
    changed, made = _named(moments, _CHANGED), _named(moments, _MADE) or (moments[0] if moments else None)
    if changed and (table.key or schema.key):
        return (
            f"{said}; cheaper, if {changed.name} moves whenever a row changes: {table.name}: {{cursor: {changed.name}}}"
        )
    if made:
        return (
            f"{said}; cheaper, if rows are only inserted: {table.name}: {{sync: append, cursor: {made.name}}}; or give "
            "it a longer cadence"
        )
    return f"{said}; cheaper: a longer cadence, or a column that says when a row changed"


def _named(columns: Sequence[Column], words: Sequence[str]) -> Column | None:
    """The first whose name has one of the words, the earlier words first."""
    return next((column for word in words for column in columns if word in column.name.lower().split("_")), None)
