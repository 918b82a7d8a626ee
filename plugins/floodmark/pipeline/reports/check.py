"""A source's configuration held against its catalog: what was derived, what is refused, what may be dear or slow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ports import Inspection
from floodmark.core.resolve import ResolvedTable
from floodmark.core.schema import TableSchema
from floodmark.core.time import duration
from floodmark.errors import ConfigurationError, FatalError, Problem
from floodmark.pipeline.fitting import fit

SHORT_CADENCE = timedelta(minutes=5)
"""Below it, retries included, a day's loads come near BigQuery's 1,500 per table (R20; page "Quotas")."""
SMALL = 100_000
"""Rows below which neither a scan of the source nor a merge of the whole target is worth a word."""


@dataclass(frozen=True, kw_only=True)
class TableCheck:
    """One table: ``resolved`` and ``schema`` are None offline, or where there are problems."""

    table: TableConfig
    resolved: ResolvedTable | None = None
    schema: TableSchema | None = None
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def offline(config: SourceConfig) -> list[TableCheck]:
    """What can be said without a catalog."""
    return [TableCheck(table=table, warnings=tuple(_of_words(table))) for table in config.tables.values()]


def online(config: SourceConfig, file: str, source: Inspection) -> list[TableCheck]:
    """Every table against the catalog. Nothing is read of the rows.

    Raises ``SourceUnavailable``, or ``ConfigurationError`` for a refused login; what is wrong with a table is among its
    ``problems``.
    """
    return [_against(config, table, file, source) for table in config.tables.values()]


def _against(config: SourceConfig, table: TableConfig, file: str, source: Inspection) -> TableCheck:
    relation = table.relation
    try:
        schema = source.describe(relation.schema, relation.name)
    except FatalError as error:
        problem = Problem(file=file, path=f"tables.{table.name}", message=str(error))
        return TableCheck(table=table, problems=(problem,))
    try:
        resolved = fit(config, table, schema, file)
    except ConfigurationError as error:
        return TableCheck(table=table, problems=error.problems)
    leading = source.indexed(relation.schema, relation.name) if resolved.cursor else frozenset()
    warnings = (*_of_words(table), *_of_catalog(table, schema, resolved, leading))
    return TableCheck(table=table, resolved=resolved, schema=schema, warnings=warnings)


def _of_words(table: TableConfig) -> Iterator[str]:
    if table.cadence < SHORT_CADENCE:
        yield (
            f"cadence {duration.render(table.cadence)}: BigQuery allows 1,500 loads per table and day, retries "
            f"included; take {duration.render(SHORT_CADENCE)} or more"
        )


def _of_catalog(
    table: TableConfig, schema: TableSchema, resolved: ResolvedTable, leading: frozenset[str]
) -> Iterator[str]:
    if schema.estimated_rows < SMALL:
        return
    rows = f"about {schema.estimated_rows:,} rows"
    if resolved.sync == "incremental" and table.partition_by is None:
        yield (
            f"no partition_by: every merge is billed for the whole current table ({rows}); name a column that never "
            "changes for a key, such as created_at"
        )
    for column in resolved.cursor:
        if column not in leading and schema.indexable:
            yield (
                f'cursor "{column}" leads no index: every run scans all of {table.relation} ({rows}); '
                f'CREATE INDEX CONCURRENTLY ON {table.relation} ("{column}")'
            )
