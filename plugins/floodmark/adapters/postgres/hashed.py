"""What of a row goes into its hashes, and what about it is checked, as the templates of a reconcile take it (R25)."""

from __future__ import annotations

from dataclasses import dataclass

from floodmark.adapters.postgres.quote import name
from floodmark.core.carriage import Check
from floodmark.core.ports import Selection
from floodmark.core.reconcile import Scope, Standing
from floodmark.core.schema import TableSchema


@dataclass(frozen=True, kw_only=True)
class Value:
    """One column: ``raw`` is its quoted name, ``selected`` how a read writes it, ``type`` its base type in BigQuery."""

    raw: str
    selected: str
    type: str
    check: Check


@dataclass(frozen=True, kw_only=True)
class Hashed:
    """The columns of a row's hashes, those whose values the target may not hold, and what makes it a removed one."""

    key: tuple[Value, ...]
    columns: tuple[Value, ...]
    checked: tuple[Value, ...]
    removed: str = ""


def hashed(selection: Selection, schema: TableSchema, scope: Scope) -> Hashed:
    """What the templates need of a selection."""
    values = {column: value(schema, column) for column in selection.columns}
    return Hashed(
        key=tuple(values[column] for column in selection.key),
        columns=tuple(values[column] for column in scope.columns),
        checked=tuple(one for one in values.values() if one.check is not Check.NONE),
        removed=_removed(values[scope.soft]) if scope.soft else "",
    )


def value(schema: TableSchema, column: str) -> Value:
    """One column."""
    way, quoted = schema.column(column).carriage, name(column)
    return Value(raw=quoted, selected=way.select(quoted), type=way.target.partition("(")[0], check=way.check)


def _removed(soft: Value) -> str:
    """The row's standing by its soft delete column, as the merge decides it."""
    marked = f"{soft.raw} IS TRUE" if soft.type == "BOOL" else f"{soft.raw} IS NOT NULL"
    return f"CASE WHEN {marked} THEN {int(Standing.REMOVED)} ELSE {int(Standing.SETTLED)} END"
