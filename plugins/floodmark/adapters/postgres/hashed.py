"""What of a row goes into its hashes, and what about it is checked, as the templates of a reconcile take it (R25)."""

from __future__ import annotations

from dataclasses import dataclass

from floodmark.adapters.postgres.matrix.fitting import own_text
from floodmark.adapters.postgres.selected import carriage, written
from floodmark.core.carriage import Check
from floodmark.core.ports import Selection
from floodmark.core.reconcile import Scope, Standing
from floodmark.core.schema import TableSchema
from floodmark.core.unheld import BadValues


@dataclass(frozen=True, kw_only=True)
class Value:
    """One column, by its ``name`` in the target: ``raw`` is its quoted name in the source, ``selected`` how a read
    writes it, ``type`` its base type in BigQuery, ``text`` what stands beside it where the target can't hold it (R31).
    ``typed`` is the value as a chosen type holds it, ``bad`` the condition for one that doesn't fit; empty where the
    type is its own.
    """

    name: str
    raw: str
    selected: str
    type: str
    check: Check
    text: str
    typed: str = ""
    bad: str = ""


@dataclass(frozen=True, kw_only=True)
class Hashed:
    """The columns of a row's hashes, those whose values the target may not hold, and what makes it a removed one.

    For a bad value of ``out`` a row is held out, ``bad_key`` among them; one of ``unheld`` is NULL in the target, and
    stands as text beside it (R31). ``fails``: neither, since the read ends.
    """

    key: tuple[Value, ...]
    columns: tuple[Value, ...]
    out: tuple[Value, ...]
    unheld: tuple[Value, ...]
    fails: bool = False
    removed: str = ""

    @property
    def bad_key(self) -> tuple[Value, ...]:
        """Key columns whose values the target may not hold."""
        return tuple(one for one in self.out if one in self.key)

    @property
    def texts(self) -> tuple[tuple[Value, ...], ...]:
        """``unheld`` in groups: a function of PostgreSQL's takes no more than 100 arguments."""
        return tuple(self.unheld[at : at + _TEXTS] for at in range(0, len(self.unheld), _TEXTS))


_TEXTS = 40


def hashed(selection: Selection, schema: TableSchema, scope: Scope) -> Hashed:
    """What the templates need of a selection."""
    values = {selection.in_target(column): value(selection, schema, column) for column in selection.columns}
    checked = tuple(one for one in values.values() if one.check is not Check.NONE)
    rigid = set(selection.all_in_target((*selection.key, selection.partition_by, selection.soft)))
    encodes = selection.bad_values == BadValues.ENCODE
    columns = tuple(values[column] for column in scope.columns)
    return Hashed(
        key=columns if scope.by_row else tuple(values[selection.in_target(column)] for column in selection.key),
        columns=columns,
        out=tuple(one for one in checked if not encodes or one.name in rigid),
        unheld=tuple(one for one in checked if encodes and one.name not in rigid and one.name in scope.columns),
        fails=selection.bad_values == BadValues.FAIL,
        removed=_removed(values[scope.soft]) if scope.soft else "",
    )


def value(selection: Selection, schema: TableSchema, column: str) -> Value:
    """One column."""
    way, raw = carriage(selection, schema, column), written(selection, column)
    selected = way.select(raw)
    return Value(
        name=selection.in_target(column),
        raw=raw,
        selected=selected,
        type=way.target.partition("(")[0],
        check=way.check,
        text=own_text(raw) if way.check is Check.MARKED else f"pg_catalog.concat({selected})",
        typed=way.typed.format(raw),
        bad=way.bad.format(raw),
    )


def _removed(soft: Value) -> str:
    """The row's standing by its soft delete column, as the merge decides it."""
    marked = f"{soft.raw} IS TRUE" if soft.type == "BOOL" else f"{soft.raw} IS NOT NULL"
    return f"CASE WHEN {marked} THEN {int(Standing.REMOVED)} ELSE {int(Standing.SETTLED)} END"
