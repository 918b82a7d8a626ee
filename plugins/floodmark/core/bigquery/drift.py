"""A target's columns as they are beside those that a read brings: what to add, and what can't be mended (R26)."""

from __future__ import annotations

from collections.abc import Sequence

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.config import widening
from floodmark.core.ledger.read import Renamed
from floodmark.core.ledger.step import Step
from floodmark.core.ports import TargetTable
from floodmark.errors import SourceChanged

Field = tuple[str, str]

Steps = tuple[Step, Step, Step]
OF_RAW: Steps = (Step.DROP_RAW, Step.RENAME_RAW, Step.ALTER_RAW)
OF_CURRENT: Steps = (Step.DROP_CURRENT, Step.RENAME_CURRENT, Step.ALTER_CURRENT)
"""The steps of :func:`alterations`."""


def missing(table: TargetTable, there: Sequence[Field]) -> tuple[Field, ...]:
    """The columns that the table lacks, in order. Raises ``SourceChanged`` where one is there and can't be widened."""
    types = {name.casefold() for name, _ in there}
    widened(table, there)
    return tuple((name, kind) for name, kind, _ in table.fields if name.casefold() not in types)


def absent(table: TargetTable, there: Sequence[Field]) -> tuple[str, ...]:
    """The names of those that :func:`missing` gives."""
    return tuple(name for name, _ in missing(table, there))


def widened(table: TargetTable, there: Sequence[Field]) -> tuple[Field, ...]:
    """The columns that hold too little, as the table calls them, and the type that each must become (R32).

    Raises ``SourceChanged`` where one can't.
    """
    types = {name.casefold(): (name, kind.upper()) for name, kind in there}
    wider = []
    for name, kind, _ in table.fields:
        as_it_is, found = types.get(name.casefold(), (name, kind.upper()))
        try:
            type_ = widening.widened(found, kind.upper())
        except widening.Unfit:
            raise SourceChanged(
                f"{table.reference}.{name} is {found}, and the source's column now travels as {kind}, which BigQuery "
                f"can't make of it; exclude the column, or have both tables made anew (raw's history is lost): "
                f"{table.anew}"
            ) from None
        if type_:
            wider.append((as_it_is, type_))
    return tuple(wider)


def alterations(
    steps: Steps,
    table: TargetTable,
    there: Sequence[Field],
    removed: Sequence[str],
    renamed: Sequence[Renamed] = (),
) -> tuple[tuple[str, str], ...]:
    """The ``steps`` that make a table fit, to drop, to rename and to alter columns, each with its statement.

    Raises ``SourceChanged`` where it can't be made to.
    """
    gone = {one.casefold() for one in removed}
    excluded = [one for one, _ in there if one.casefold() in gone]
    there = [(one, kind) for one, kind in there if one.casefold() not in gone]
    others = renames(there, renamed)
    there = [(dict(others).get(one, one), kind) for one, kind in there]
    lacking = missing(table, there)
    rename = tuple(
        (f"{steps[1]}_{number}", rename_column(table, *names)) for number, names in enumerate(others, start=1)
    )
    drop = ((steps[0], drop_columns(table, excluded)),) if excluded else ()
    add = ((steps[2], add_columns(table, lacking)),) if lacking else ()
    wider = tuple(
        (f"{steps[2]}_{number}", widen_column(table, *column))
        for number, column in enumerate(widened(table, there), start=1)
    )
    return (*drop, *rename, *add, *wider)


def renames(there: Sequence[Field], renamed: Sequence[Renamed]) -> tuple[tuple[str, str], ...]:
    """Those of a table's columns that are still to be called otherwise, each with its new name."""
    stands = {name for name, _ in there}
    return tuple((one.column, one.becomes) for one in renamed if one.column in stands and one.becomes not in stands)


def rename_column(table: TargetTable, name: str, becomes: str) -> str:
    """The statement that has a column be called otherwise."""
    return statement("rename_column.sql", {"table": table.reference, "column": name, "becomes": becomes})


def drop_columns(table: TargetTable, columns: Sequence[str]) -> str:
    """The statement that takes them out (R29)."""
    return statement("drop_columns.sql", {"table": table.reference, "columns": tuple(columns)})


def widen_column(table: TargetTable, name: str, kind: str) -> str:
    """The statement that has a column hold more."""
    return statement("widen_column.sql", {"table": table.reference, "column": name, "kind": kind})


def add_columns(table: TargetTable, columns: Sequence[Field]) -> str:
    """The statement that adds them."""
    return statement("add_columns.sql", {"table": table.reference, "columns": tuple(columns)})
