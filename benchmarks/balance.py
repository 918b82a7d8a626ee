"""What each depth of the balance costs (R36), as ratios to a sequential count of the same table, at both ends.

The source is an embedded PostgreSQL, measured through the product's own reading. The other end is the local BigQuery:
its ratios say how much is computed, not what Google's would take. What Google bills are bytes, which follow from the
columns that are read.

    python benchmarks/balance.py                               # 1 million rows
    python benchmarks/balance.py --rows 1000000 10000000 --page docs/balance-benchmark.md
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))
if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(HERE.parent.parent / "plugins"))

LOW, HIGH = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
COLUMNS = {"id": "INT64", "customer": "INT64", "status": "STRING", "total": "NUMERIC", "note": "STRING"}
"""What stands in current too; a row is 8 + 8 + 8 + 16 + 52 bytes and its two moments of 8."""
CURRENT = """CREATE OR REPLACE TABLE {table} AS
SELECT g AS id, MOD(g * 7919, 100000) AS customer, 'packed' AS status, NUMERIC '12.34' AS total,
  CONCAT('note for order ', TO_HEX(MD5(CAST(g AS STRING)))) AS note,
  TIMESTAMP_ADD(TIMESTAMP '2026-01-01', INTERVAL g * 4 MILLISECOND) AS _floodmark_cursor,
  TIMESTAMP '2026-11-01' AS _floodmark_read_at
FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS g"""
PAGE = """# What the balance costs

Written by `make balance`: the quickest of {tries} runs of each, on {machine}. A ratio is the time beside that of a
sequential count of the same table at the same end. The source's table has ten columns, 156 bytes a row.{note}

| end | rows | what | seconds | ratio |
| --- | --- | --- | --- | --- |
{lines}

What BigQuery bills is bytes: *counts* read current's cursor (8 a row), *keys* the key (8 for a `bigint`), *rows* all
columns that are compared, whatever the share. The source makes a hash of each row's key at *keys* and *rows*, some
microseconds a row. The default follows from the bytes: counts, keys and a thirtieth of the rows each day,
while that processes no more than 10 GiB (6 US cents), else keys and seven thirtieths once a week; `reconcile_bytes` is
never passed. The local BigQuery's seconds show how much there is to compute, and nothing of Google's.
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One line: the best seconds of some tries."""

    end: str
    rows: int
    what: str
    seconds: float
    ratio: float

    def __str__(self) -> str:
        return f"| {self.end} | {self.rows:,} | {self.what} | {self.seconds:.2f} | {self.ratio:.1f} |"


def best(tries: int, do: Callable[[], Any]) -> float:
    """Seconds of the quickest try."""
    found = []
    for _ in range(tries):
        began = time.perf_counter()
        do()
        found.append(time.perf_counter() - began)
    return min(found)


def compared(end: str, rows: int, tries: int, asked: Mapping[str, Callable[[], Any]]) -> list[Measured]:
    """A line for each question; the first is the count that the others are held against."""
    seconds = {what: best(tries, do) for what, do in asked.items()}
    base = next(iter(seconds.values()))
    return [Measured(end=end, rows=rows, what=what, seconds=one, ratio=one / base) for what, one in seconds.items()]


def at_the_source(dsn: str, rows: int, tries: int) -> list[Measured]:
    """The product's own statements, in one snapshot."""
    from floodmark.adapters.postgres.source import PostgresSource
    from floodmark.core import reconcile
    from floodmark.core.ledger.balance import RANGES
    from floodmark.core.ports import Selection
    from floodmark.core.reconcile import MOST_BITS, Ranges, Scope
    from floodmark.core.time.interval import Interval

    source = PostgresSource(dsn, UUID(int=1))
    table = source.describe("public", "orders")
    chosen = Selection(schema="public", name="orders", key=table.key, cursor=("updated_at",), columns=table.names)
    scope = Scope(sealed=(Interval(low=LOW, high=HIGH),), start=LOW, early=False, timeless=False, columns=table.names)
    share = Ranges(bits=MOST_BITS, low=0, high=RANGES // 30)
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor, source.open(chosen) as reading:
        cursor.execute("SET enable_indexscan = off; SET enable_indexonlyscan = off; SET enable_bitmapscan = off")
        comparison = reading.comparison(scope)
        bits = reconcile.bits(rows)
        return compared("PostgreSQL", rows, tries, {
            "`SELECT count(*)`, sequential": lambda: cursor.execute("SELECT count(*) FROM orders"),
            "counts": lambda: reading.census(scope),
            "keys": lambda: comparison.sums(bits, keys_only=True),
            "rows, a thirtieth": lambda: comparison.sums(MOST_BITS, stretch=share),
            "rows, all": lambda: comparison.sums(MOST_BITS),
        })  # fmt: skip


def at_the_target(client: Any, table: str, rows: int, tries: int) -> list[Measured]:
    """The product's own statements, on the local server."""
    from floodmark.core.bigquery import balance_sql, reconcile_sql
    from floodmark.core.bigquery.merge import Merge
    from floodmark.core.ledger.balance import RANGES
    from floodmark.core.reconcile import MOST_BITS, Ranges, bits
    from floodmark.core.schema import Carried
    from floodmark.core.time.interval import Interval

    client.query(CURRENT.format(table=f"`{table}`", rows=rows), location="EU").result()
    columns = tuple(Carried(name=name, source=kind, landing=kind, target=kind) for name, kind in COLUMNS.items())
    merge = Merge(raw=table, current=table, columns=columns, read_at=HIGH, key=("id",))
    share = Ranges(bits=MOST_BITS, low=0, high=RANGES // 30)
    names = tuple(COLUMNS)

    def asking(sql: str) -> Callable[[], Any]:
        from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

        bound = [ScalarQueryParameter("loose", "STRING", "")] if "@loose" in sql else []
        config = QueryJobConfig(query_parameters=bound, use_query_cache=False)
        return lambda: list(client.query(sql, job_config=config, location="EU").result())

    return compared("BigQuery, local", rows, tries, {
        "`SELECT COUNT(_floodmark_cursor)`": asking(f"SELECT COUNT(`_floodmark_cursor`) FROM `{table}`"),
        "counts": asking(balance_sql.extent(table, LOW, [Interval(low=LOW, high=HIGH)])),
        "keys": asking(reconcile_sql.sums(merge, ("id",), bits(rows), keys_only=True)),
        "rows, a thirtieth": asking(reconcile_sql.sums(merge, names, MOST_BITS, stretch=share)),
        "rows, all": asking(reconcile_sql.sums(merge, names, MOST_BITS)),
    })  # fmt: skip


def main() -> None:
    """Print a table; with ``--page``, write it."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    words.add_argument("--tries", type=int, default=3)
    words.add_argument("--page", type=Path, help="write the page there")
    words.add_argument("--note", default="", help="what else is to be said of the run, for the page")
    asked = words.parse_args()

    from read_speed import fill

    from floodmark.demo.servers.all import FAST, PostgresServer, google_servers, temporary_folder

    found: list[Measured] = []
    with (
        temporary_folder() as folder,
        PostgresServer(folder=folder / "postgres", settings=FAST) as server,
        google_servers(folder=folder / "google") as google,
    ):
        dsn, client = server.database().dsn, google.bigquery_client()
        client.create_dataset("balance", exists_ok=True)
        for rows in asked.rows:
            fill(dsn, rows)
            found += at_the_source(dsn, rows, asked.tries)
            found += at_the_target(client, f"{client.project}.balance.orders", rows, asked.tries)
            print("\n".join(map(str, found[-10:])), flush=True)
    if asked.page:
        machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
        lines = "\n".join(map(str, found))
        note = f"\n\n{asked.note}" if asked.note else ""
        asked.page.write_text(PAGE.format(tries=asked.tries, machine=machine, lines=lines, note=note), encoding="utf-8")


if __name__ == "__main__":
    main()
