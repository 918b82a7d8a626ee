"""What can't be had where a source is read by Cloud SQL's exports (``adapter: cloudsql``), and what only then can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from floodmark.core.config.limits import Finding
from floodmark.core.config.masks import MaskKind
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig

_COMPARED = ("keys", "rows")
_SHORTEST = timedelta(seconds=1)


def of_source(source: SourceConfig) -> Iterator[Finding]:
    """What is wrong between the adapter and the other keys."""
    if source.adapter is None:
        if source.cloudsql is not None:
            yield ("cloudsql",), "is there, and adapter is not", "write adapter: cloudsql, or take it out"
        for name, table in source.tables.items():
            if "offload" in table.model_fields_set:
                yield ("tables", name, "offload"), "is of adapter: cloudsql alone", "take it out"
        return
    if source.cloudsql is None:
        yield ("adapter",), '"cloudsql" needs to know its instance', "write cloudsql: {instance: ..., database: ...}"
    elif source.cloudsql.wait < _SHORTEST:
        message = "leaves no time between two looks at an export: they would follow one another without a pause"
        yield ("cloudsql", "wait"), message, "write 1s or more"
    if source.seal_connection:
        yield ("seal_connection",), "is of no use to exports, which are read from the primary", "take it out"
    for name, table in source.tables.items():
        for path, message, remedy in _of_table(table):
            yield ("tables", name, *path), message, remedy


def _of_table(table: TableConfig) -> Iterator[Finding]:
    if table.sql:
        message = "a SELECT of one's own can't be described without a connection to the database"
        yield ("sql",), message, "make a view of it in the source, and name that in from"
    if any(mask.kind is MaskKind.HMAC for _, mask in table.mask.by_glob):
        message = "an hmac needs its key in the query, which whoever may list the instance's operations can read"
        yield ("mask",), message, "write sha256, redact or truncate, or exclude the column"
    if table.deletes.how == "reconcile":
        message = "keys can't be compared by exports, each of which is a snapshot of its own"
        yield ("deletes",), message, "write deletes: {soft: column}, or sync: full"
    if table.balance in _COMPARED:
        message = f"{table.balance} can't be compared by exports, each of which is a snapshot of its own"
        yield ("balance",), message, "write balance: counts, or none"
    if table.several:
        message = "readers share one snapshot, and each export has its own"
        yield ("readers",), message, "take it out"
    if table.max_rate is not None:
        yield ("max_rate",), "nothing is read from the database, which exports by itself", "take it out"
    if "first_load_rows" in table.model_fields_set:
        yield ("first_load_rows",), "a table is exported in one, whatever its size", "take it out"
