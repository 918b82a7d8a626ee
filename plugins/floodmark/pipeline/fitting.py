"""A table's configuration held against its catalog and its target: all that would be refused later, before any read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from floodmark.core.bigquery.columns import refusals
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.read import Read
from floodmark.core.refused import Refused
from floodmark.core.resolve.cursors import NAIVE
from floodmark.core.resolve.table import resolve
from floodmark.core.resolve.variants import variants
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import Carried, TableSchema
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline.selection import carried_column
from floodmark.pipeline.targets import planned


def fit(
    config: SourceConfig,
    table: TableConfig,
    schema: TableSchema,
    file: str,
    last: Read | None = None,
    *,
    anew: bool = False,
) -> ResolvedTable:
    """What is read of a table and how, if its target can hold it.

    ``last`` is its last read, by which what was derived is kept (R29), and by whose columns those are known that stand
    in the target; under ``anew`` that is made anew.

    Raises:
        ConfigurationError: with every problem found, of the source's side first.
    """
    resolved = resolve(table, schema, file, last.fingerprint if last else None)
    found = [*_columns(table, schema, resolved), *_zone(table, schema, resolved)] or [
        *_target(config, table, schema, resolved)
    ]
    if found:
        raise ConfigurationError(
            [
                Problem(file=file, path=f"tables.{table.name}{key}", message=message, remedy=remedy)
                for key, message, remedy in found
            ]
        )
    return resolved if anew or last is None else _beside(table, schema, resolved, last)


def _beside(table: TableConfig, schema: TableSchema, resolved: ResolvedTable, last: Read) -> ResolvedTable:
    """The same, with the columns that go beside what stands in the target (R26)."""
    cut = table.partition_by.column if table.partition_by else ""
    before = last.fingerprint.columns if last.fingerprint else ()

    def travels(column: str) -> Callable[[str], Carried]:
        return lambda name: carried_column(schema.column(column), name, table.mask.of(column))

    made_anew = {one.in_target for one in before if one.mask != str(table.mask.of(one.name) or "")}
    found = variants(
        {name: travels(name) for name in resolved.columns},
        named=table.rename,
        before={one.name: one.variant for one in before if one.variant},
        there=[one for one in (*last.retired, *last.columns) if one.name not in made_anew],
        fixed=(*resolved.key, *table.cluster_by, cut, table.deletes.soft or ""),
    )
    return replace(resolved, variants=found.names, unfit=found.unfit)


def _columns(table: TableConfig, schema: TableSchema, resolved: ResolvedTable) -> Iterator[tuple[str, str, str]]:
    """Columns that can't travel, or whose name BigQuery refuses (its page "Column names")."""
    for refusal in refusals(schema, resolved.columns, table.rename):
        message, _, remedy = refusal.partition("; ")
        yield ".columns", message, remedy


def _zone(table: TableConfig, schema: TableSchema, resolved: ResolvedTable) -> Iterator[tuple[str, str, str]]:
    """The zone of a cursor without one, which this machine knew when the file was read and may know no more."""
    if not any(schema.column(name).base_type in (*NAIVE, "date") for name in resolved.cursor):
        return
    try:
        ZoneInfo(table.timezone)
    except (KeyError, ValueError, OSError):
        yield ".timezone", f'"{table.timezone}" is not known on this machine', "install tzdata here, or name another"


def _target(
    config: SourceConfig, table: TableConfig, schema: TableSchema, resolved: ResolvedTable
) -> Iterator[tuple[str, str, str]]:
    """What BigQuery would refuse of the tables themselves: partitioning and clustering."""
    columns = tuple(
        carried_column(schema.column(name), table.in_target(name), table.mask.of(name)) for name in resolved.columns
    )
    try:
        planned(config, table, columns, table.all_in_target(resolved.key))
    except Refused as refused:
        yield "", refused.message, refused.remedy
