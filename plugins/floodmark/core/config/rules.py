"""What several keys of a configuration must say together. Each rule yields ``(path, message, remedy)``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from floodmark.core.config import cloudsql, limits, masks, pods
from floodmark.core.config.formats import PARQUET
from floodmark.core.config.limits import Finding
from floodmark.core.config.names import OURS
from floodmark.core.config.source import HISTORY, FolderLedger, SourceConfig, TableConfig
from floodmark.core.time import duration
from floodmark.core.time.cadence import Every


def of_table(table: TableConfig) -> Iterator[Finding]:
    """What is wrong with one table by itself, its defaults included; paths are below the table."""
    yield from limits.of_table(table)
    yield from _sync(table)
    yield from _time(table)
    if table.columns.include and table.columns.exclude:
        yield (
            ("columns",),
            "has both include and exclude",
            "keep one of them; a table's own replaces the one in defaults",
        )
    if table.new_columns is not None and "schema_" in table.model_fields_set:
        message = f"new_columns is the older spelling of schema: {{added: {table.policy.added}}}, and schema is there"
        yield ("new_columns",), message, f"take it out, and write schema: {{added: {table.policy.added}, ...}}"
    if table.several and table.format != PARQUET:
        message = f"several readers stage Parquet, and format is {table.format}"
        yield ("readers",), message, f"write format: {PARQUET}, or readers: 1"
    for message, remedy in masks.misfits(table.mask, table.uses(table.key or (), table.cursor or ())):
        yield ("mask",), message, remedy
    for below, message, remedy in pods.findings(table.executor_config):
        yield ("executor_config", *below), message, remedy
    if table.deletes.how == "soft" and table.deletes.soft in (table.key or ()):
        yield (
            ("deletes", "soft"),
            f'"{table.deletes.soft}" is a key column too',
            "name the column that marks deleted rows",
        )


def of_source(source: SourceConfig) -> Iterator[Finding]:
    """What is wrong between the tables, and between the places."""
    yield from limits.of_source(source)
    yield from cloudsql.of_source(source)
    targets: dict[str, str] = {}
    for name, table in source.tables.items():
        # BigQuery tells Orders from orders, unless the dataset says otherwise; people don't.
        if table.to.casefold().startswith(OURS):
            message = f'"{table.to}" begins with "{OURS}", as Floodmark\'s own tables do'
            yield ("tables", name, "to"), message, "write to: with another name"
        first = targets.setdefault(table.to.casefold(), name)
        if first != name:
            message = f'"{table.to}" is already the target of tables.{first}'
            yield ("tables", name, "to"), message, "give one of them another name"
    yield from _stagger(source)
    for name, table in source.tables.items():
        view = f"{table.to}{HISTORY}"
        if table.history and (other := targets.get(view.casefold())):
            message = f'its view is to be called "{view}", as the target of tables.{other} is'
            yield ("tables", name, "history"), message, f"give tables.{other} another to:"
    if source.bigquery.raw.casefold() == source.bigquery.dataset.casefold():
        message = f'"{source.bigquery.raw}" is the dataset of the current tables too'
        yield ("bigquery", "raw_dataset"), message, "keep raw tables in a dataset of their own"
    ledger = source.ledger
    if isinstance(ledger, FolderLedger) and (source.stage.holds(ledger.folder) or ledger.folder.holds(source.stage)):
        message = f'"{ledger.folder}" and the stage "{source.stage}" lie one in the other'
        yield ("ledger",), message, "use two prefixes: the stage's files are deleted when they are old"


def _stagger(source: SourceConfig) -> Iterator[Finding]:
    for name, table in source.tables.items() if source.stagger else ():
        if source.stagger >= table.cadence.shortest:
            length = duration.render(table.cadence.shortest)
            message = f"{duration.render(source.stagger)} is not shorter than a slice of tables.{name}, {length}"
            yield ("stagger",), message, "take less, or another source for tables of a short cadence"
            return


def _sync(table: TableConfig) -> Iterator[Finding]:
    if table.sync == "append":
        if table.key:
            yield ("key",), "an append table has no key", "take it out, or write sync: incremental"
        if table.null_cursor == "include":
            message = '"include" can\'t be had with sync: append, which replaces the intervals it read'
            yield ("null_cursor",), message, "write null_cursor: ignore, or sync: incremental with a key"
        if table.history:
            message = "rows of an append table never change, so its current table is its history already"
            yield ("history",), message, "write history: false, or sync: incremental with a key"
        if table.deletes.how != "ignore":
            message = f'"{table.deletes.how}" needs a key, which an append table has not'
            yield ("deletes",), message, "write deletes: ignore, or sync: incremental with a key"
    if table.sync == "full":
        if table.cursor:
            yield ("cursor",), "a full table is read whole, without a cursor", "take it out, or write sync: incremental"
        if table.deletes.how != "ignore":
            message = f'"{table.deletes.how}" needs sync: incremental'
            yield ("deletes",), message, "write deletes: ignore: a full refresh leaves out what is gone"


def _time(table: TableConfig) -> Iterator[Finding]:
    start, cadence = table.start, table.cadence
    if (before := cadence.boundary(start)) != start:
        earlier = before.strftime("%Y-%m-%dT%H:%M:%SZ")
        message = f"does not lie on a boundary of the cadence, {cadence}"
        yield ("start",), message, f"write {earlier}, or a date"
    if table.freshness is not None and table.freshness < cadence.longest:
        slice_ = "the cadence" if isinstance(cadence, Every) else f"the longest slice of {cadence}"
        message = f"{duration.render(table.freshness)} is shorter than {slice_}, {duration.render(cadence.longest)}"
        yield ("freshness",), message, "no run could keep it: allow for one cadence and the time that a run takes"
    if table.timeout and table.timeout < max(table.settle, table.lease_wait, timedelta(minutes=1)):
        longest = max(table.settle, table.lease_wait, timedelta(minutes=1))
        message = (
            f"{duration.render(table.timeout)} is shorter than a task may have to wait, {duration.render(longest)}"
        )
        yield ("timeout",), message, "give it more than settle and lease_wait; 0 for no limit"
