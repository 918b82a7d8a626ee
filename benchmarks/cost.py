"""Bytes that one hourly run bills (R20), for tables of three kinds and growing size: the slice stays at 1,000 rows.

The whole pipeline over an embedded PostgreSQL and the local BigQuery server, whose gate bills by a plain model of
BigQuery's own pages (``plugins/floodmark/demo/servers/gate/billing.py``). Each hour of a table's past has 1,000 rows;
the hour that is measured has 500 new ones and, where rows change, 500 that were changed in the hour before.

    python benchmarks/cost.py                                  # 10,000 and 100,000 rows
    python benchmarks/cost.py --rows 10000 100000 1000000 --page docs/cost-benchmark.md
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2

HERE = Path(__file__).resolve()
if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(HERE.parent.parent / "plugins"))

HOUR, PER_HOUR = timedelta(hours=1), 1_000
KINDS = {
    "keyed, partitioned": "{cursor: updated_at, partition_by: {column: created_at, by: hour}}",
    "append, partitioned": "{sync: append, cursor: created_at, partition_by: {column: created_at, by: hour}}",
    "full": "{sync: full}",
}
"""How each table is configured."""
CONFIG = """
version: 1
source: shop
connection: shop_db
stage: gs://{bucket}/stage
ledger: sqlite:///{folder}/{dataset}.db
bigquery: {{project: {project}, location: EU, dataset: {dataset}}}
start: {start}
defaults: {{settle: 0s}}
tables: {{orders: {kind}}}
"""
PAGE = """# What an hourly run bills

Written by `make cost`: the bytes of every job and query of one hourly run, with a slice of 1,000 rows, while the table
grows. No Google was asked: they come from the local server's gate, a plain model of BigQuery's pages on pricing.
*Billed* counts 10 MB at least for each table that a query reads, so what a step *processes* stands beside it.

{lines}

*keyed* and *append* bill the same, however large the table is: each statement names the partitions, or the intervals,
that the slice lies in. *full* is said to grow: all of it is read, loaded, and replaced. The keys of a table that is not
partitioned are looked through after each run up to a million rows, and once a day beyond. What comes once a day (the
keys of the whole table, the balance) grows with the table: `floodmark plan` shows it with its price.
"""


@dataclass
class Run:
    """What one run came to: bytes processed and billed, by step."""

    kind: str
    rows: int
    processed: dict[str, int] = field(default_factory=dict)
    billed: dict[str, int] = field(default_factory=dict)


@dataclass
class _Seen:
    """Each job's labels and statistics, as BigQuery answers them."""

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def note(self, answer: Any) -> None:
        if isinstance(answer, dict) and "configuration" in answer and answer.get("statistics", {}).get("query"):
            self.jobs[answer["jobReference"]["jobId"]] = answer

    def into(self, run: Run) -> Run:
        for job in self.jobs.values():
            step, told = job["configuration"]["labels"]["floodmark_step"], job["statistics"]["query"]
            run.processed[step] = run.processed.get(step, 0) + int(told.get("totalBytesProcessed") or 0)
            run.billed[step] = run.billed.get(step, 0) + int(told.get("totalBytesBilled") or 0)
        return run


@contextmanager
def _watched() -> Iterator[_Seen]:
    """Every job that Google's client in this process is told of meanwhile."""
    from google.cloud.bigquery._http import Connection

    seen, send = _Seen(), Connection.api_request

    def noted(self: Any, *arguments: Any, **named: Any) -> Any:
        answer = send(self, *arguments, **named)
        seen.note(answer)
        return answer

    Connection.api_request = noted
    try:
        yield seen
    finally:
        Connection.api_request = send


def measured(dsn: str, google: Any, bucket: str, kind: str, rows: int) -> Run:
    """Fill the source with ``rows``, load them, and run the hour after."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=rows // 24_000 + 3)
    last = start + rows // PER_HOUR * HOUR
    _fill(dsn, start, rows)
    with tempfile.TemporaryDirectory() as folder:
        steps = _Steps(dsn=dsn, google=google, bucket=bucket, folder=Path(folder), kind=kind, start=start)
        steps.run(last - HOUR)
        steps.forget_raw()
        _one_hour(dsn, last, rows, changed=kind.startswith("keyed"))
        with _watched() as seen:
            steps.run(last)
        return seen.into(Run(kind=kind, rows=rows))


class _Steps:
    """The pipeline over one table, in datasets of its own."""

    def __init__(self, *, dsn: str, google: Any, bucket: str, folder: Path, kind: str, start: datetime) -> None:
        from floodmark.adapters.connections.environment import LocalConnections
        from floodmark.core.config.source_file import parse

        client, dataset = google.bigquery_client(), f"cost_{abs(hash((kind, start, str(folder))))}"
        for name in (dataset, f"{dataset}_raw"):
            client.create_dataset(name, exists_ok=True)
        text = CONFIG.format(
            bucket=bucket, folder=folder, project=client.project, dataset=dataset, start=f"{start:%Y-%m-%d}",
            kind=KINDS[kind],
        )  # fmt: skip
        self._client, self._raw = client, f"{client.project}.{dataset}_raw.orders"
        self._folder, self._config = folder, parse(text, "shop.yml", {})
        self._connections = LocalConnections(os.environ, dsns={"shop_db": dsn})

    def forget_raw(self) -> None:
        """The first load's rows lie in raw's partition of today; in an hour of any later day they don't."""
        self._client.query(f"DELETE FROM `{self._raw}` WHERE TRUE", location="EU").result()

    def run(self, low: datetime) -> None:
        """One hourly run: extract, then load."""
        from floodmark.core.ledger.portion import Kind
        from floodmark.core.time.interval import Interval
        from floodmark.pipeline import wiring
        from floodmark.pipeline.extract import extract
        from floodmark.pipeline.load import load
        from floodmark.pipeline.table_run import Request, closing

        request = Request(kind=Kind.SLICE, run_id=str(low), interval=Interval(low=low, high=low + HOUR))
        with closing(wiring.ports(self._config, self._connections)) as ports:
            file, table = self._folder / "shop.yml", self._config.tables["orders"]
            step = wiring.table_run(self._config, file, table, ports, holder="benchmark")
            found = extract(step, request)
            if found.pending:
                load(step, found.read_at)


def _fill(dsn: str, start: datetime, rows: int) -> None:
    """1,000 rows each hour from ``start`` on."""
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS orders; CREATE TABLE orders (id bigint PRIMARY KEY, status text, note text, "
            "total numeric(12, 2), created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL)"
        )
        cursor.execute(
            "INSERT INTO orders SELECT n, 'new', md5(n::text), 12.34, at, at FROM (SELECT n, "
            "%s + n * interval '3.6 s' AS at FROM generate_series(0, %s) AS n) AS made",
            (start, rows - 1),
        )
        cursor.execute("CREATE INDEX ON orders (updated_at); CREATE INDEX ON orders (created_at)")


def _one_hour(dsn: str, low: datetime, rows: int, *, changed: bool) -> None:
    """500 rows are new, and 500 too, or changed that came in the hour before."""
    new = PER_HOUR // 2 if changed else PER_HOUR
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orders SELECT n, 'new', md5(n::text), 12.34, at, at FROM (SELECT n, "
            "%s + (n - %s) * interval '3.6 s' AS at FROM generate_series(%s, %s) AS n) AS made",
            (low, rows, rows, rows + new - 1),
        )
        if changed:
            moment = low + HOUR / 2
            cursor.execute(
                "UPDATE orders SET status = 'packed', updated_at = %s WHERE id >= %s AND id < %s",
                (moment, rows - PER_HOUR // 2, rows),
            )


def report(runs: Sequence[Run]) -> str:
    """A table for each kind: what each step processes, and what all bill, by the size of current."""
    parts = []
    for kind in KINDS:
        own = [run for run in runs if run.kind == kind]
        steps = sorted({step for run in own for step, count in run.processed.items() if count})
        sizes = [f"{run.rows:,} rows" for run in own]
        lines = [
            f"### {kind}\n",
            "| step | " + " | ".join(sizes) + " |",
            "| --- |" + " ---: |" * len(own),
            *(f"| {step} | " + " | ".join(f"{run.processed.get(step, 0):,}" for run in own) + " |" for step in steps),
            "| **billed in all** | " + " | ".join(f"**{sum(run.billed.values()):,}**" for run in own) + " |",
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    """Print the tables; with ``--page``, write the page."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    words.add_argument("--page", type=Path, help="write the page there")
    asked = words.parse_args()

    from floodmark.demo.servers.all import FAST, PostgresServer, google_servers, temporary_folder

    runs: list[Run] = []
    with (
        temporary_folder() as folder,
        PostgresServer(folder=folder / "postgres", settings=FAST) as server,
        google_servers(folder=folder / "google") as google,
    ):
        os.environ.update(google.variables())
        google.storage_client().create_bucket("cost")
        dsn = server.database().dsn
        for kind in KINDS:
            for rows in asked.rows:
                runs.append(measured(dsn, google, "cost", kind, rows))
                print(f"{kind}, {rows:,} rows: {sum(runs[-1].billed.values()):,} bytes billed", flush=True)
    print(report(runs))
    if asked.page:
        asked.page.write_text(PAGE.format(lines=report(runs)), encoding="utf-8")


if __name__ == "__main__":
    main()
