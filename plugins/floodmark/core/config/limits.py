"""How large a value may be: beyond it PostgreSQL, BigQuery, Airflow or Python's own clock would refuse it mid-run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.core.config.object_names import MOST_BYTES, longest_of_ledger, longest_of_stage
from floodmark.core.config.source import FolderLedger, SourceConfig, TableConfig
from floodmark.core.time import duration
from floodmark.core.time.units import WEEK

Finding = tuple[tuple[str, ...], str, str]

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Room on both sides for every look back, and for every zone's clock, within Python's years 1 to 9999."""

BILLED_AT_LEAST = 10 * 2**20
"""Bytes billed for each table that a query names: https://cloud.google.com/bigquery/pricing#on_demand_pricing."""
_INT64 = 2**63 - 1
MOST_READERS = 16
LEAST_RATE = 10**6
_OF_TABLE: dict[str, Any] = {
    "settle": WEEK,
    "skew": WEEK,
    "lease_wait": WEEK,
    "timeout": timedelta(
        days=24
    ),  # statement_timeout holds 2^31 - 1 ms (PostgreSQL's page "Client Connection Defaults")
    "recheck": 10_000,
    "retries": 1_000,
    "priority": 2**31 - 1,
    "pool_slots": 10_000,
    "first_load_rows": 10**12,
    "max_rate": _INT64,
    "reconcile_bytes": _INT64,
}
_OF_SOURCE: dict[str, Any] = {"max_active_runs": 10_000, "max_active_tasks": 10_000}
_DATASET = 1024
_TAG = 100
"""Airflow's TAG_MAX_LEN: a longer one breaks every DAG of the file."""


def of_table(table: TableConfig) -> Iterator[Finding]:
    """What is too large in one table; paths are below it."""
    yield from _over(table, _OF_TABLE)
    if table.several > MOST_READERS:
        yield ("readers",), f'"{table.readers}" is too large', f"at most {MOST_READERS}"
    if table.max_rate is not None and table.max_rate < LEAST_RATE:
        message = f"is less than {LEAST_RATE} bytes in a second, at which a large table is never read"
        yield ("max_rate",), message, "write 1MB or more, or take it out"
    yield from _tags(table.tags)
    if not EARLIEST <= table.start < LATEST:
        remedy = f"write a moment from {EARLIEST:%Y-%m-%d} on, before {LATEST:%Y-%m-%d}"
        yield ("start",), f'"{table.start.isoformat()}" is out of reach', remedy


def of_source(source: SourceConfig) -> Iterator[Finding]:
    """What is too large in the source's own keys."""
    yield from _over(source, _OF_SOURCE)
    yield from _tags(source.tags)
    yield from _billed(("bigquery", "max_bytes_billed"), source.bigquery.max_bytes_billed)
    yield from _billed(("bigquery", "budget", "run"), source.bigquery.budget.run)
    yield from _billed(("bigquery", "budget", "day"), source.bigquery.budget.day)
    if len(source.bigquery.raw) > _DATASET:
        message = f"leaves the raw tables' dataset a name of {len(source.bigquery.raw)} characters"
        yield ("bigquery", "dataset"), message, f"at most {_DATASET}: shorten it, or write raw_dataset"
    yield from _objects(source)


def _objects(source: SourceConfig) -> Iterator[Finding]:
    """Where Cloud Storage would take the name of an object no more, by the table whose is the longest."""
    stage, ledger = source.stage.prefix, source.ledger
    sizes: dict[str, dict[str, int]] = {"stage": {}, "ledger": {}}
    for name, table in source.tables.items():
        relation = table.relation
        sizes["stage"][name] = longest_of_stage(stage, source.source, relation.schema, relation.name)
        if isinstance(ledger, FolderLedger):
            sizes["ledger"][name] = longest_of_ledger(ledger.folder.prefix, source.bigquery.current_table(table))
    for key, of_table in sizes.items():
        name = max(of_table, key=of_table.__getitem__, default="")
        if name and of_table[name] > MOST_BYTES:
            message = f"gives objects of tables.{name} names of {of_table[name]} bytes, where {MOST_BYTES} are the most"
            yield (key,), message, "shorten its prefix, or what the table is called"


def _billed(path: tuple[str, ...], billed: int | None) -> Iterator[Finding]:
    if billed and billed > _INT64:
        yield path, "is too large", f"at most {_INT64} bytes"
    if billed and billed < BILLED_AT_LEAST:
        message = f"is less than BigQuery bills for any table that a query reads, {BILLED_AT_LEAST} bytes"
        yield path, message, "it would stop every table: write 10MiB or more, or take it out"


def _over(config: TableConfig | SourceConfig, most: dict[str, Any]) -> Iterator[Finding]:
    for key, limit in most.items():
        value = getattr(config, key)
        if value is not None and value > limit:
            yield (key,), f'"{_written(value)}" is too large', f"at most {_written(limit)}"


def _tags(tags: tuple[str, ...]) -> Iterator[Finding]:
    for tag in tags:
        if len(tag) > _TAG:
            yield ("tags",), f"names one of {len(tag)} characters", f"at most {_TAG}, as Airflow has it"


def _written(value: Any) -> str:
    return duration.render(value) if isinstance(value, timedelta) else str(value)
