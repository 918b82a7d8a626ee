"""A whole table -> Parquet on local files, by one reader and by several (``readers``): time and ratio.

All read the same table of the same PostgreSQL of this machine's, or MariaDB, in turn; the best of the tries counts.
Server, readers and writers share this machine's cores, so the ratio says what several readers gain here, and no more.

    python benchmarks/shards.py                        # 2 million rows of PostgreSQL's, 1 and 2 readers
    python benchmarks/shards.py --readers 1 2 4
    python benchmarks/shards.py --mysql                # the same of MariaDB's
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

HERE = Path(__file__).resolve()
if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(HERE.parent.parent / "plugins"))
sys.path.insert(0, str(HERE.parent))

import mysql_read_speed  # noqa: E402
from folder_stage import FolderStage  # noqa: E402
from read_speed import fill  # noqa: E402

from floodmark.adapters.connections.environment import LocalConnections  # noqa: E402
from floodmark.adapters.mysql.source import MySQLSource  # noqa: E402
from floodmark.adapters.postgres.source import PostgresSource  # noqa: E402
from floodmark.core.ports import Selection, Source  # noqa: E402
from floodmark.demo.servers.all import FAST, PostgresServer, temporary_folder  # noqa: E402
from floodmark.demo.servers.mariadb import MariaDBServer  # noqa: E402

ROOMY = {"innodb-buffer-pool-size": "1G"}
"""The table lies in memory, as PostgreSQL's does, so that no disk is measured."""


def seconds(source: Source, cursor: str, readers: int, rows: int, folder: Path) -> float:
    """How long so many readers take for the whole table."""
    stage = FolderStage(folder)
    table = source.describe("public", "orders")
    selection = Selection(
        schema="public",
        name="orders",
        key=table.key,
        cursor=(cursor,),
        columns=table.names,
        readers=readers,
        whole=True,
    )
    began = time.perf_counter()
    with source.open(selection) as reading:
        moment = datetime.now(UTC)
        found = reading.staged("orders", lambda: stage, None, moment)  # type: ignore[arg-type, return-value]
        manifest = found or stage.write("orders.parquet", reading.rows(None, moment))
    taken = time.perf_counter() - began
    if (manifest.rows, len(manifest.objects)) != (rows, readers):
        sys.exit(f"{readers} readers read {manifest.rows} rows of {rows} into {len(manifest.objects)} objects")
    return taken


@contextmanager
def filled_postgres(rows: int) -> Iterator[tuple[Source, str]]:
    """A source with so many rows, and its cursor."""
    with temporary_folder() as folder, PostgresServer(folder=folder, settings=FAST) as server:
        dsn = server.database().dsn
        fill(dsn, rows)
        yield PostgresSource(dsn, UUID(int=1)), "updated_at"


@contextmanager
def filled_mariadb(rows: int) -> Iterator[tuple[Source, str]]:
    """The same of MariaDB."""
    with temporary_folder() as folder, MariaDBServer(folder=folder, settings=ROOMY) as server:
        place = server.database().create_database("shop")
        place.sql(mysql_read_speed.TABLE, mysql_read_speed.FILL.format(rows=rows), "ANALYZE TABLE orders")
        given = LocalConnections({}, dsns={"shop": place.dsn}).mysql("shop")
        yield MySQLSource(given, UUID(int=1)), "updated"


def main() -> None:
    """Print a line for each number of readers."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, default=2_000_000)
    words.add_argument("--readers", type=int, nargs="+", default=[1, 2])
    words.add_argument("--mysql", action="store_true", help="MariaDB in PostgreSQL's place")
    words.add_argument("--tries", type=int, default=3)
    asked = words.parse_args()
    filled = filled_mariadb if asked.mysql else filled_postgres
    with filled(asked.rows) as (source, cursor), tempfile.TemporaryDirectory() as files:
        tries = [
            [seconds(source, cursor, readers, asked.rows, Path(files)) for readers in asked.readers]
            for _ in range(asked.tries)
        ]
    best = [min(one) for one in zip(*tries, strict=True)]
    print(f"{'readers':>8} {'seconds':>8} {'of the first':>13}")
    for readers, taken in zip(asked.readers, best, strict=True):
        print(f"{readers:>8} {taken:>8.2f} {taken / best[0]:>13.2f}")


if __name__ == "__main__":
    main()
