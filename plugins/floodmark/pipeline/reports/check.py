"""A source's configuration held against its catalog: what was derived, what is refused, what may be dear or slow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from floodmark.core.bigquery import partitions
from floodmark.core.command_line import command_line
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.fingerprint import Consequence, Fingerprint, changes, excluded, followed_by
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.schema_change import SchemaChange, SchemaKind, schema_changes
from floodmark.core.ports import Inspection
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import TableSchema
from floodmark.core.time import duration
from floodmark.errors import ConfigurationError, FatalError, Problem
from floodmark.pipeline import changed, declared, own_words, renames, schema_policy
from floodmark.pipeline.clock import now
from floodmark.pipeline.fitting import fit
from floodmark.pipeline.history import reach
from floodmark.pipeline.mask_keys import Secret, no_secret
from floodmark.pipeline.reports.cheaper import cheaper
from floodmark.pipeline.staging import left_elsewhere

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


OwnSelect = Callable[[TableConfig], str]
"""Gives the text of a table's own SELECT, empty where it has none."""


def offline(config: SourceConfig, file: str, own_select: OwnSelect) -> list[TableCheck]:
    """What can be said without a catalog."""
    return [_by_words(config, table, file, own_select) for table in config.tables.values()]


def _by_words(config: SourceConfig, table: TableConfig, file: str, own_select: OwnSelect) -> TableCheck:
    try:
        text = own_select(table)
    except ConfigurationError as error:
        return TableCheck(table=table, problems=error.problems, warnings=tuple(_of_words(config, table)))
    problems = own_words.problems(table, text, file)
    return TableCheck(
        table=table, problems=problems, warnings=(*_of_words(config, table), *own_words.warnings(table, text))
    )


def undeclared(_: TableConfig) -> str:
    """No table has a schema file."""
    return ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a source's tables are held against.

    ``own_select`` gives the text of a table's own SELECT, ``heads`` what the ledger knows of a table, ``secret`` the
    password of a connection that holds the key of a mask, ``declared`` the text of a table's schema file. ``named`` is
    how a command line names the source, where not by its name.
    """

    source: Inspection
    own_select: OwnSelect
    heads: Callable[[TableConfig], Head]
    secret: Secret = no_secret
    declared: Callable[[TableConfig], str] = undeclared
    named: str = ""


def online(config: SourceConfig, file: str, known: Known) -> list[TableCheck]:
    """Every table against the catalog, and against what its last read held. Nothing is read of the rows.

    Raises ``SourceUnavailable``, or ``ConfigurationError`` for a refused login; what is wrong with a table is among its
    ``problems``.
    """
    return [_against(config, table, file, known) for table in config.tables.values()]


def _against(config: SourceConfig, table: TableConfig, file: str, known: Known) -> TableCheck:
    try:
        own_select = known.own_select(table)
    except ConfigurationError as error:
        return TableCheck(table=table, problems=error.problems)
    head, relation = known.heads(table), table.relation
    if problems := own_words.problems(table, own_select, file):
        return TableCheck(table=table, problems=problems)
    try:
        schema = known.source.describe(
            relation.schema, relation.name, sql=own_select, where=table.where or "", choices=table.choices
        )
    except FatalError as error:
        problem = Problem(file=file, path=f"tables.{table.name}", message=str(error))
        return TableCheck(table=table, problems=(problem,))
    try:
        if wrong := renames.problems(table, schema, head.last, file):
            return TableCheck(table=table, problems=tuple(wrong))
        last = renames.in_names_of_now(table, schema, head.last)
        before = last.fingerprint if last else None
        resolved = fit(config, table, schema, file, last)
        told, refused = declared.of_table(config, table, schema, resolved, known.declared(table))
        if refused:
            raise ConfigurationError(refused)
        present = changed.fingerprint(config.source, table, own_select, resolved, schema, secret=known.secret)
    except ConfigurationError as error:
        return TableCheck(table=table, problems=error.problems)
    named = known.named or config.source
    leading = known.source.indexed(relation.schema, relation.name) if resolved.cursor else frozenset()
    warnings = (
        *_of_words(config, table),
        *_of_catalog(table, schema, resolved, leading),
        *_of_unseen(table, resolved, known.source),
        *_of_folding(table, schema, resolved, named),
        *_of_partitions(table, schema, known.source),
        *_of_readers(table, schema),
        *resolved.told,
        *told,
        *(_of_changes(before, present, schema, (named, table.name)) if before else ()),
        *(_of_schema(table, schema_changes(before, present, resolved.added)) if before else ()),
        *_of_unfit(named, table, resolved),
        *filter(None, [left_elsewhere(config, head.last)]),
    )
    return TableCheck(table=table, resolved=resolved, schema=schema, warnings=warnings)


def _of_changes(before: Fingerprint, now: Fingerprint, schema: TableSchema, names: tuple[str, str]) -> Iterator[str]:
    """What the next run will do about what is another by now (R29)."""
    found, (source, table) = changes(before, now), names
    if voids := followed_by(found, Consequence.VOID):
        rows = f"about {schema.estimated_rows:,} rows" if schema.estimated_rows else "all of its rows"
        plan = command_line("plan", source, "--table", table)
        yield f"{voids}: the next run reads it whole, {rows}; bytes and price: {plan}"
    if rebuilt := followed_by(found, Consequence.REBUILT):
        yield f"{rebuilt}: its runs are refused until: {command_line('reload --anew', source, table)}"
    if gone := excluded(before, now):
        yield f"the next run drops {', '.join(gone)} from raw and current; time travel has it still, for its window"


def _of_schema(table: TableConfig, found: tuple[SchemaChange, ...]) -> Iterator[str]:
    """What the table's ``schema`` has the next run do."""
    refused = schema_policy.frozen(table, found)
    if refused:
        yield f"its runs are refused: {schema_policy.refusal(refused)}"
    yield from (one.words for one in found if one not in refused and one.kind is not SchemaKind.ADDED)


def _of_unfit(source: str, table: TableConfig, resolved: ResolvedTable) -> Iterator[str]:
    for name, why in resolved.unfit.items():
        yield f'column "{name}": {why}: its runs are refused until: {command_line("reload --anew", source, table.name)}'


def _of_words(config: SourceConfig, table: TableConfig) -> Iterator[str]:
    if table.history and config.retention.raw is not None:
        yield f"history: {reach(config)}; write retention: {{raw: forever}} to keep all of them"
    if table.start > now():
        yield f"start: {table.start:%Y-%m-%dT%H:%MZ} is in the future: nothing is due before it"
    if table.partition_by and table.partition_by.by == "hour":
        full = table.start + partitions.MOST_PER_TABLE * timedelta(hours=1)
        yield (
            f"partition_by: {partitions.MOST_PER_TABLE:,} hours are all that BigQuery takes in a table, 416 days: from "
            f"{table.start:%Y-%m-%d} it is full on {full:%Y-%m-%d}; {_longer('hour')}"
        )
    if table.cadence.mean < SHORT_CADENCE:
        yield (
            f"cadence {table.cadence}: BigQuery allows 1,500 loads per table and day, retries "
            f"included; take {duration.render(SHORT_CADENCE)} or more"
        )


def _of_readers(table: TableConfig, schema: TableSchema) -> Iterator[str]:
    if table.several and schema.undivided:
        yield f"readers: {table.several}: one reader reads {table.relation} all: {schema.undivided}; take it out"


def _of_unseen(table: TableConfig, resolved: ResolvedTable, source: Inspection) -> Iterator[str]:
    """Only a comparison finds such a change, or a read of the whole table."""
    if not resolved.cursor or table.deletes.how == "reconcile":
        return
    for what in source.unseen(table.relation.schema, table.relation.name):
        yield f"{what} changes rows, and no cursor moves; write deletes: reconcile, so that they are found each day"


def _of_folding(table: TableConfig, schema: TableSchema, resolved: ResolvedTable, source: str) -> Iterator[str]:
    """A key whose case or trailing spaces change stays the same there, and becomes another one in BigQuery (R25)."""
    if not resolved.cursor or table.deletes.how == "reconcile":
        return
    for column in (schema.column(one) for one in resolved.key):
        if column.folding and not table.mask.of(column.name):
            yield (
                f'key "{column.name}": its collation {column.folding} holds different texts for equal, and BigQuery '
                "doesn't: where a key's case or trailing spaces change, the old one stays; write deletes: reconcile, "
                f"or count such keys: {command_line('verify', source, '--table', table.name)}"
            )


def _of_partitions(table: TableConfig, schema: TableSchema, source: Inspection) -> Iterator[str]:
    """How near the table is to the most partitions that BigQuery takes, by the source's guess (R20)."""
    cut = table.partition_by
    spread = source.spread(schema.schema, schema.name, cut.column) if cut and not table.sql else None
    if cut is None or spread is None:
        return
    count = min(partitions.between(spread.low, spread.high, cut.by), spread.values)
    most = partitions.MOST_PER_TABLE
    reach = f"{cut.column} reaches from {spread.low:%Y-%m-%d} to {spread.high:%Y-%m-%d}: about {count:,} partitions by "
    if count > most:
        yield f"partition_by: {reach}{cut.by}, and BigQuery takes {most:,}: its load will be refused; {_longer(cut.by)}"
    elif count > partitions.NEARLY * most:
        yield f"partition_by: {reach}{cut.by} of the {most:,} that BigQuery takes; {_longer(cut.by)}"
    first, last = partitions.FIRST_YEAR, partitions.LAST_YEAR
    if spread.low.year < first or spread.high.year > last:
        yield (
            f"partition_by: {cut.column} reaches from {spread.low:%Y-%m-%d} to {spread.high:%Y-%m-%d}: BigQuery keeps "
            f"what is before {first} or after {last} in __UNPARTITIONED__, which every query and merge reads"
        )


def _longer(unit: str) -> str:
    return f"write {{column: ..., by: {partitions.longer(unit)}}}"


def _of_catalog(
    table: TableConfig, schema: TableSchema, resolved: ResolvedTable, leading: frozenset[str]
) -> Iterator[str]:
    if schema.estimated_rows < SMALL:
        return
    if warning := cheaper(table, schema, resolved.sync):
        yield warning
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
