"""What one hourly run of one table comes to: bytes, objects, jobs, writes to the ledger, connections. No times.

The whole pipeline over an embedded PostgreSQL and the local servers of Cloud Storage and BigQuery, with the ledger in
the bucket. The table has the ten columns of ``benchmarks/shop.sql``. Where ``load`` is False, the slice is staged and
no more: what comes after depends on bytes and not on rows, and the local BigQuery is no measure of the real one.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg2

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.ledger.documents import document, text
from floodmark.adapters.ledger.objects import Objects
from floodmark.core.config.source_file import parse
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.core.time.interval import Interval
from floodmark.pipeline import wiring
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, closing

SHOP = Path(__file__).parent.parent / "shop.sql"
START = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(milliseconds=4)
"""From row to row, in ``shop.sql``."""
CONFIG = """
version: 1
source: shop
connection: shop_db
stage: gs://{bucket}/stage
ledger: gs://{bucket}/ledger/{dataset}
bigquery: {{project: {project}, location: EU, dataset: {dataset}}}
start: 2026-01-01
defaults: {{settle: 0s}}
tables: {{orders: {{cursor: updated_at, partition_by: created_at}}}}
"""


@dataclass(kw_only=True)
class Measured:
    """One slice of so many ``rows``. Sizes are bytes; ``read`` is the read as the ledger has it.

    ``jobs`` and the bytes that they ``processed`` are by step.
    """

    rows: int
    heap: int
    copied: int
    staged: int
    objects: int
    writes: int = 0
    written: int = 0
    head: int = 0
    closed: int = 0
    sessions: int = 0
    jobs: dict[str, int] = field(default_factory=dict)
    processed: dict[str, int] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)


def measured(dsn: str, google: Any, bucket: str, rows: int, *, load: bool = True) -> Measured:
    """One hourly run over a slice of so many rows, after a first run that found none."""
    client, dataset = google.bigquery_client(), f"scale_{rows}"
    for name in (dataset, f"{dataset}_raw"):
        client.create_dataset(name, exists_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = parse(CONFIG.format(bucket=bucket, project=client.project, dataset=dataset), "shop.yml", {})
        connections = LocalConnections(os.environ, dsns={"shop_db": dsn})
        with closing(wiring.ports(config, connections)) as ports:
            file, table = Path(folder) / "shop.yml", config.tables["orders"]
            step = wiring.table_run(config, file, table, ports, holder="benchmark")
            step = replace(step, time_to_live=timedelta(days=1))  # no write that only renews the lease
            _fill(dsn, 0)
            _run(step, "first", None, load=True)
            _fill(dsn, rows)
            with _counted() as counted:
                before = _sessions(dsn)
                _run(step, "second", Interval(low=START, high=START + rows * APART + APART), load=load)
                after = _sessions(dsn)
            return replace(_measured(dsn, step, counted, rows), sessions=after - before - 1)


def _measured(dsn: str, step: Any, counted: _Counted, rows: int) -> Measured:
    head = step.ports.ledger.head(step.target)
    read = head.open or step.ports.ledger.reads(step.target)[-1]
    heap, copied = _sizes(dsn)
    found = Measured(
        rows=read.rows,
        heap=heap,
        copied=copied,
        staged=read.manifest.bytes if read.manifest else 0,
        objects=len(read.manifest.objects) + 1 if read.manifest else 0,
        writes=counted.writes,
        written=counted.written,
        head=len(text(document(Head, head))),
        jobs=dict(sorted(counted.steps.items())),
        processed=dict(sorted(counted.processed.items())),
    )
    if rows != read.rows:
        raise AssertionError(f"{read.rows} rows were read of {rows}")
    if head.open is None:
        found.read = document(Read, read)
        found.closed = len(text(found.read))
    return found


def _run(step: Any, run_id: str, interval: Interval | None, *, load: bool) -> None:
    request = Request(kind=Kind.SLICE, run_id=run_id, interval=interval or Interval(low=START, high=START + APART))
    found = extract(step, request)
    if found.pending and load:
        _load(step, found.read_at)


_load = load


@dataclass
class _Counted:
    """Writes to the ledger and jobs of BigQuery, meanwhile."""

    writes: int = 0
    written: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def processed(self) -> Counter[str]:
        """Bytes that queries processed, by step; of a load none are billed."""
        found: Counter[str] = Counter()
        for job in self.answers.values():
            told = job["statistics"]["query"]
            found[job["configuration"]["labels"]["floodmark_step"]] += int(told.get("totalBytesProcessed") or 0)
        return found


@contextmanager
def _counted() -> Iterator[_Counted]:
    from google.cloud.bigquery._http import Connection

    found, write, send = _Counted(), Objects.write, Connection.api_request

    def written(self: Objects, name: str, body: bytes, *, generation: int) -> int:
        found.writes += 1
        found.written += len(body)
        return write(self, name, body, generation=generation)

    def sent(self: Any, *arguments: Any, **named: Any) -> Any:
        answer = send(self, *arguments, **named)
        if named.get("method") == "POST" and str(named.get("path", "")).endswith(("/jobs", "/queries")):
            asked = named.get("data") or {}
            labels = asked.get("configuration", asked).get("labels", {})
            found.steps[labels.get("floodmark_step", "other")] += 1
        if isinstance(answer, dict) and answer.get("statistics", {}).get("query") and "configuration" in answer:
            found.answers[answer["jobReference"]["jobId"]] = answer
        return answer

    with patch.object(Objects, "write", written), patch.object(Connection, "api_request", sent):
        yield found


def _fill(dsn: str, rows: int) -> None:
    """Make the table where ``rows`` is 0, else put so many into it."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        if not rows:
            cursor.execute("DROP TABLE IF EXISTS orders")
        for statement in SHOP.read_text().replace("{rows}", str(rows)).split(";\n"):
            if statement.strip() and ("CREATE" in statement) == (not rows):
                cursor.execute(statement)
    connection.close()


def _sizes(dsn: str) -> tuple[int, int]:
    """Bytes of the table's heap, and of all its rows as the reader gets them."""
    swallowed = _Swallowed()
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_catalog.pg_table_size('orders')")
        heap = int(cursor.fetchone()[0])  # type: ignore[index]
        cursor.copy_expert("COPY orders TO STDOUT (FORMAT binary)", swallowed)
    return heap, swallowed.bytes


class _Swallowed:
    """A file that keeps nothing."""

    bytes = 0

    def write(self, some: bytes) -> int:
        self.bytes += len(some)
        return len(some)


def _sessions(dsn: str) -> int:
    """Sessions that the database has had, this one among them."""
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT sessions FROM pg_catalog.pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])  # type: ignore[index]
