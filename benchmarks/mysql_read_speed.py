"""A table of MariaDB -> record batches, beside MariaDB's own client to nothing: CPU time, their ratio, and peak memory.

CPU of the client's process, not the wall: that holds at any load of the machine. Each read is a process of its own; the
median of the tries counts. The client's own is `mariadb --quick` with the same columns.

    python benchmarks/mysql_read_speed.py                           # 1 million rows
    python benchmarks/mysql_read_speed.py --rows 100000 1000000     # is memory flat?
    python benchmarks/mysql_read_speed.py --most 1.3                # end with 1 where the ratio is above
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

HERE = Path(__file__).resolve()
if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(HERE.parent.parent / "plugins"))

MEBIBYTE = 1024 * 1024
TABLE = """
    CREATE TABLE orders (
        id bigint unsigned AUTO_INCREMENT PRIMARY KEY, n int, name varchar(40), note text, price decimal(12,2),
        ratio double, created datetime(6), updated timestamp(6) NOT NULL, day date, active tinyint(1), KEY (updated)
    )
"""
FILL = """
    INSERT INTO orders (n, name, note, price, ratio, created, updated, day, active)
    SELECT seq * 7919 % 100000, CONCAT('customer ', seq % 1000),
        IF(seq % 10 = 0, NULL, CONCAT('a "note" of é😀\\n line ', seq)), seq % 100000 / 100, 1 / seq,
        '2026-01-01' + INTERVAL seq SECOND, '2026-01-01' + INTERVAL seq MICROSECOND,
        '2026-01-01' + INTERVAL seq % 365 DAY, seq % 2
    FROM seq_1_to_{rows}
"""
COLUMNS = "id, n, name, note, price, ratio, created, updated, day, active"


def read(dsn: str) -> dict[str, float]:
    """The product's own way from the source to record batches."""
    import pyarrow
    import pyarrow.csv

    pyarrow.scalar(0)  # Arrow imports pandas where it is installed; what is imported lazily is not part of a read

    import floodmark.adapters.mysql.opening  # noqa: F401
    from floodmark.adapters.connections.environment import LocalConnections
    from floodmark.adapters.mysql.source import MySQLSource
    from floodmark.core.ledger.portion import Span
    from floodmark.core.ports import Selection
    from floodmark.core.time.interval import Interval

    whole = Interval(low=datetime(2025, 1, 1, tzinfo=UTC), high=datetime(2030, 1, 1, tzinfo=UTC))
    source = MySQLSource(LocalConnections({}, dsns={"shop": dsn}).mysql("shop"), UUID(int=1))
    table = source.describe("public", "orders")
    selection = Selection(schema="public", name="orders", key=table.key, cursor=("updated",), columns=table.names)
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    with source.open(selection) as reading:
        rows = sum(batch.num_rows for batch in reading.rows([Span(interval=whole)], datetime.now(UTC)))
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - began,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak": after.ru_maxrss * 1024 / MEBIBYTE,
        "rows": rows,
    }


def client(command: list[str]) -> float:
    """The CPU seconds of MariaDB's own client, its rows thrown away as they come."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.devnull, "wb") as nothing:
        subprocess.run(command, check=True, stdout=nothing)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(place: Any, command: list[str], rows: int, tries: int) -> dict[str, Any]:
    """Both, in turn: the CPU seconds of each try, the medians' ratio, the largest peak."""
    place.sql("DROP TABLE IF EXISTS orders", TABLE, FILL.format(rows=rows))
    clients, reads = [], []
    for _ in range(tries):
        clients.append(client(command))
        done = subprocess.run(
            [sys.executable, str(HERE), "--read", place.dsn], check=True, stdout=subprocess.PIPE, text=True
        )
        reads.append(json.loads(done.stdout))
    for one in reads:
        if one["rows"] != rows:
            sys.exit(f"read {one['rows']:.0f} rows of {rows}")
    spent = [one["cpu"] for one in reads]
    return {
        "rows": rows,
        "client": [round(each, 3) for each in clients],
        "read": [round(each, 3) for each in spent],
        "ratio": median(spent) / median(clients),
        "peak": round(max(one["peak"] for one in reads), 1),
        "version": place.sql("SELECT VERSION()")[0][0],
    }


def benchmark(sizes: list[int], tries: int) -> Iterator[dict[str, Any]]:
    """What ``measure`` finds at each size, in a MariaDB of its own. Raises ``ServerFailed`` where it can't be had."""
    from floodmark.demo.servers.all import temporary_folder
    from floodmark.demo.servers.mariadb import MariaDBServer
    from floodmark.demo.servers.mariadb_programs import programs

    found = programs()
    with temporary_folder() as folder, MariaDBServer(folder=folder) as server:
        place = server.database().create_database("shop")
        command = [str(found.path("mariadb")), "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uroot", "--quick"]
        command += ["--default-character-set=utf8mb4", "-e", f"SELECT {COLUMNS} FROM shop.orders"]
        os.environ.update(found.variables)
        for rows in sizes:
            yield measure(place, command, rows, tries)


def main() -> None:
    """Print a table, a line for each number of rows."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    words.add_argument("--tries", type=int, default=5)
    words.add_argument("--most", type=float, default=0.0, help="the largest ratio allowed; 0: any")
    words.add_argument("--read", metavar="DSN", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.read:
        print(json.dumps(read(asked.read)))
        return

    from floodmark.errors import ServerFailed

    print(f"{'rows':>12} {'client CPU s':>13} {'read CPU s':>11} {'ratio':>6} {'peak MiB':>9}")
    worst = 0.0
    try:
        for told in benchmark(asked.rows, asked.tries):
            worst = max(worst, told["ratio"])
            print(
                f"{told['rows']:>12,} {median(told['client']):>13.2f} {median(told['read']):>11.2f} "
                f"{told['ratio']:>6.2f} {told['peak']:>9.0f}",
                flush=True,
            )
    except ServerFailed as error:
        sys.exit(str(error))
    if asked.most and worst > asked.most:
        sys.exit(f"the ratio {worst:.2f} is above {asked.most}")


if __name__ == "__main__":
    main()
