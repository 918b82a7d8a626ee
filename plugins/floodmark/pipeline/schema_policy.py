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

    Raises ``SourceChanged``, before anything is read: for what is frozen, unless a person has the table read whole; for
    a type that the target can't follow, unless they have it made anew.
    """
    before = head.last.fingerprint if head.last else None
    if before is None or not before.columns:
        return ()
    changes = schema_changes(before, now, resolved.added)
    refused = frozen(run.table, changes)
    misfits = _misfits(run.table, before, resolved)
    reload = run.command("reload --anew" if misfits else "reload")
    if refused and request.kind is not Kind.RELOAD:
        raise SourceChanged(f"{run.target}: {refusal(refused)}, or take the table as it is: {reload}")
    if misfits:
        raise SourceChanged(
            f"{run.target}: {'; '.join(misfits)}: nothing is read: exclude the column, or have both tables made anew "
            f"(raw's history is lost): {reload}"
        )
    return tuple(_told(run.table, changes))


def _misfits(table: TableConfig, before: Fingerprint, resolved: ResolvedTable) -> tuple[str, ...]:
    """Columns that the target has no place for: what is frozen gets none beside it."""
    misfits = [f'column "{name}": {why}' for name, why in resolved.unfit.items()]
    known = {one.name: one.variant for one in before.columns}
    if table.policy.retyped == "freeze":
        new = {name: beside for name, beside in resolved.variants.items() if known.get(name) != beside}
        misfits += [f'column "{name}" would go to "{beside}" (schema.retyped: freeze)' for name, beside in new.items()]
    return tuple(misfits)


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
