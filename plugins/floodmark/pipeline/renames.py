"""Columns that the source calls otherwise: followed where the table's ``renamed`` says so (R32)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.fingerprint import KnownColumn
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, Renamed, State
from floodmark.core.ledger.renaming import Names, Renaming, in_new_names, renaming
from floodmark.core.schema import TableSchema
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline.table_run import Request, TableRun

FIRST = "columns of it are to be renamed first, as its next run does"
"""Why it can't be compared."""


def follow(run: TableRun, head: Head, schema: TableSchema, request: Request) -> tuple[Head, tuple[Renamed, ...], str]:
    """The head with its last read in the names of now, what the target is to rename, and why that is read anew.

    Texts of values that current couldn't hold stand by the old name (R31): then the table is read whole.

    Raises ``ConfigurationError`` where it isn't as ``renamed`` says.
    """
    if request.anew:
        return head, (), ""
    found = _renaming(run.table, schema, head.last)
    if found.refused:
        raise ConfigurationError(problems(run.table, schema, head.last, run.file))
    if not found.followed or head.last is None:
        return head, (), ""
    beside = _beside(run, found.followed)
    words = f"renamed: {', '.join(beside)} has values in _floodmark_unheld by its old name" if beside else ""
    return replace(head, last=in_new_names(head.last, found.followed)), found.followed, words


def problems(table: TableConfig, schema: TableSchema, last: Read | None, file: str) -> list[Problem]:
    """What can't be followed, and the remedy."""
    return [
        Problem(file=file, path=f"tables.{table.name}.renamed", message=f'"{old}": {reason}')
        for old, reason in _renaming(table, schema, last).refused
    ]


def in_names_of_now(table: TableConfig, schema: TableSchema, last: Read | None) -> Read | None:
    """The last read as if its columns had always been called as they are by now."""
    return in_new_names(last, _renaming(table, schema, last).followed) if last else None


def told(renamed: tuple[Renamed, ...]) -> Iterator[str]:
    """In words, what is followed."""
    for one in renamed:
        target = "" if one.column == one.becomes else f': "{one.column}" of the target becomes "{one.becomes}"'
        yield f'column "{one.old}" is called "{one.new}" by now, and followed (renamed){target}'


def _renaming(table: TableConfig, schema: TableSchema, last: Read | None) -> Renaming:
    key = last.fingerprint.key if last and last.fingerprint else ()
    cut = (table.partition_by.column,) if table.partition_by else ()
    listed = tuple(KnownColumn(name=column.name, type=column.base_type) for column in schema.columns)
    numbers = dict(schema.identity.columns)
    now = Names(relation=schema.identity.relation, numbers=numbers, target=table.rename, listed=listed)
    fixed = frozenset((*(table.renamed.get(name, name) for name in key), *table.cluster_by, *cut))
    return renaming(last, table.renamed, now, fixed)


def _beside(run: TableRun, followed: tuple[Renamed, ...]) -> tuple[str, ...]:
    reads = [read for read in run.ports.ledger.reads(run.target) if read.state is State.APPLIED and read.manifest]
    unheld = {name for read in reads if read.manifest for name, _ in read.manifest.tally.unheld}
    return tuple(one.column for one in followed if one.column != one.becomes and one.column in unheld)
