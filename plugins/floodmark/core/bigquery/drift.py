"""A target's columns as they are beside those that a read brings: what to add, and what can't be mended (R26)."""

from __future__ import annotations

from collections.abc import Sequence

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.ports import TargetTable
from floodmark.errors import SourceChanged

Field = tuple[str, str]


def missing(table: TargetTable, there: Sequence[Field]) -> tuple[Field, ...]:
    """The columns that the table lacks, in order. Raises ``SourceChanged`` where one is there with another type."""
    types = {name.casefold(): kind for name, kind in there}
    lacking = []
    for name, kind, _ in table.fields:
        found = types.get(name.casefold())
        if found is None:
            lacking.append((name, kind))
        elif _plain(found) != _plain(kind):
            raise SourceChanged(
                f"{table.reference}.{name} is {found}, and the source's column now travels as {kind}; exclude the "
                f"column, or drop {table.reference} and its twin and reload the table"
            )
    return tuple(lacking)


def _plain(kind: str) -> str:
    """The type without its parameters: a narrower or wider precision is the target's own affair."""
    return kind.partition("(")[0].strip().upper()


def add_columns(table: TargetTable, columns: Sequence[Field]) -> str:
    """The statement that adds them."""
    return statement("add_columns.sql", {"table": table.reference, "columns": tuple(columns)})
