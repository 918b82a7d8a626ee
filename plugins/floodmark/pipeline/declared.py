"""A table's schema file, kept beside its source's: held against what the source brings, and deployed."""

from __future__ import annotations

import logging
from dataclasses import replace

from floodmark.core.bigquery import schema_file
from floodmark.core.bigquery.tables import Targets
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ports import TargetTable
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import TableSchema
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline import targets
from floodmark.pipeline.selection import carried_column
from floodmark.pipeline.table_run import TableRun

_REMEDY = f"choose its type (types:), or {schema_file.REMEDY}"

log = logging.getLogger(__name__)


def current(config: SourceConfig, table: TableConfig, schema: TableSchema, resolved: ResolvedTable) -> TargetTable:
    """The current table as it would be made now."""
    table = table.called(resolved.variants)
    columns = tuple(
        carried_column(schema.column(name), table.in_target(name), table.mask.of(name)) for name in resolved.columns
    )
    return targets.planned(config, table, columns, table.all_in_target(resolved.key)).current


def of_table(
    config: SourceConfig, table: TableConfig, schema: TableSchema, resolved: ResolvedTable, text: str
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """In what a table's schema file differs from what the source brings: what is told, and what is refused."""
    if not text:
        return (), ()
    name = file_of(config, table)
    try:
        found = schema_file.differences(schema_file.parse(text, name), current(config, table, schema, resolved))
    except ConfigurationError as error:
        return (), error.problems
    told = tuple(f"{name}: column {one.column} {one.said}" for one in found if not one.refused)
    return told, tuple(
        Problem(file=name, path=one.column, message=one.said, remedy=_REMEDY) for one in found if one.refused
    )


def hold(run: TableRun, schema: TableSchema, resolved: ResolvedTable) -> None:
    """Raise ``ConfigurationError`` where the file has other columns than are brought; log what else differs."""
    told, refused = of_table(run.config, run.table, schema, resolved, run.declared())
    if refused:
        raise ConfigurationError(refused)
    for one in told:
        log.warning("%s: %s", run.target, one)


def deployed(run: TableRun, both: Targets) -> Targets:
    """Both tables with what the file says of their columns: it counts more than the source's comments."""
    declared = schema_file.parse(run.declared(), file_of(run.config, run.table))
    if not declared.columns:
        return both
    said, tags = declared.descriptions, declared.policy_tags

    def one(table: TargetTable) -> TargetTable:
        fields = tuple((name, kind, said.get(name.casefold(), text)) for name, kind, text in table.fields)
        described = {name: text for name, _, text in fields if name.casefold() in said}
        stands = {name.casefold() for name, *_ in fields}
        wanted = {name: tag for name, tag in tags.items() if name.casefold() in stands}
        return replace(table, fields=fields, described=described, policy_tags={**table.policy_tags, **wanted})

    return replace(both, raw=one(both.raw), current=one(both.current))


def file_of(config: SourceConfig, table: TableConfig) -> str:
    """Where a table's schema file lies, from the folder of its source's."""
    return f"schemas/{config.source}/{table.name}.json"
