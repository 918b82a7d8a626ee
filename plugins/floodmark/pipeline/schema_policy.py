"""What a change of the source's columns does, by the table's ``schema``: followed, refused or left out (R26)."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.schema_change import SchemaChange, SchemaKind, schema_changes
from floodmark.core.resolve.work import ResolvedTable
from floodmark.errors import SourceChanged
from floodmark.pipeline.table_run import Request, TableRun

_EXCLUDE = {SchemaKind.ADDED: "name it in columns.include, or exclude it"}


def frozen(table: TableConfig, changes: tuple[SchemaChange, ...]) -> tuple[SchemaChange, ...]:
    """Those of the changes that the table's ``schema`` refuses."""
    return tuple(one for one in changes if getattr(table.policy, one.kind) == "freeze")


def follow(run: TableRun, head: Head, now: Fingerprint, resolved: ResolvedTable, request: Request) -> tuple[str, ...]:
    """What is told of columns that are others by now and that the run follows.

    Raises ``SourceChanged`` for what is frozen, before anything is read, unless a person has the table read whole.
    """
    before = head.last.fingerprint if head.last else None
    if before is None or not before.columns:
        return ()
    changes = schema_changes(before, now, resolved.added)
    refused = frozen(run.table, changes)
    if refused and request.kind is not Kind.RELOAD:
        raise SourceChanged(f"{run.target}: {refusal(refused)}, or take the table as it is: {run.command('reload')}")
    return tuple(_told(run.table, changes))


def refusal(refused: tuple[SchemaChange, ...]) -> str:
    """Why and of what the runs are refused, and what to write."""
    kinds = dict.fromkeys(one.kind for one in refused)
    written = ", ".join(f"{kind}: evolve" for kind in kinds)
    beside = "".join(f", {_EXCLUDE[kind]}" for kind in kinds if kind in _EXCLUDE)
    words = "; ".join(f"{one.words} (schema.{one.kind}: freeze)" for one in refused)
    return f"{words}: nothing is read: write schema: {{{written}}}{beside}"


def _told(table: TableConfig, changes: tuple[SchemaChange, ...]) -> Iterator[str]:
    """What nobody else tells: a new column is told where it is chosen."""
    for one in changes:
        if one.kind is SchemaKind.DROPPED and table.policy.dropped == "evolve":
            yield f"{one.words}: the target keeps it, NULL in all rows that are read from now on (schema.dropped)"
        elif one.kind is SchemaKind.RETYPED:
            yield f"{one.words} (schema.retyped)"
