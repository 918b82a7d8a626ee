"""What a write to the ledger costs, in each of its places: wall and CPU time beside one write of the place itself.

    python benchmarks/ledger_writes.py

A head is taken and given back, again and again. In a bucket a write is one request,
and one more where it closes a read; the time of the network is to be added (Cloud Storage answers in some tens of
milliseconds). The pace of one write a second, which a long run is held to there, is left out.
"""

from __future__ import annotations

import math
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "plugins"))

TIMES = 200


def timed(change: Callable[[], object], times: int = TIMES) -> tuple[float, float]:
    """Milliseconds of a call: wall, CPU of this process."""
    change()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        change()
    return 1000 * (time.perf_counter() - wall) / times, 1000 * (time.process_time() - cpu) / times


def writing(ledger: Any) -> Callable[[], None]:
    """Takes the lease of one head and gives it back: two writes."""
    from floodmark.core.ledger import head as heads
    from floodmark.pipeline.clock import now

    seen = [ledger.head("proj.shop.orders")]

    def change() -> None:
        taken = heads.take(seen[0], holder="a benchmark", now=now())
        ledger.swap(seen[0], taken)
        seen[0] = heads.release(taken)
        ledger.swap(taken, seen[0])

    return change


def main() -> None:
    """Measure and print."""
    from floodmark.adapters.ledger import open_ledger, pace
    from floodmark.demo.servers.all import PostgresServer, google_servers

    pace.PER_SECOND = math.inf
    print("| ledger | a write: wall ms, CPU ms | the place's own write: wall ms, CPU ms | ratio of wall |")
    print("| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="floodmark-") as name:
        home = Path(name)
        home.chmod(0o711)
        with PostgresServer(folder=home / "postgres") as postgres, google_servers(folder=home / "google") as google:
            for place, plain, storage in places(home, postgres, google):
                ledger = open_ledger(place, storage=storage)
                wall, cpu = (one / 2 for one in timed(writing(ledger)))
                own_wall, own_cpu = timed(plain)
                kind = place.partition(":")[0]
                print(
                    f"| {kind} | {wall:.1f}, {cpu:.1f} | {own_wall:.1f}, {own_cpu:.1f} | {wall / own_wall:.1f} |",
                    flush=True,
                )
                ledger.close()


def places(home: Path, postgres: Any, google: Any) -> Iterator[tuple[str, Callable[[], object], Any]]:
    """A ledger's address, a plain write of a row or an object there, and the client of a bucket."""
    file = sqlite3.connect(home / "own.db", isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = FULL")
    own = psycopg2.connect(postgres.create_database("own").dsn)
    own.autocommit = True
    cursors: tuple[Any, Any] = (file, own.cursor())
    for cursor in cursors:
        cursor.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
        cursor.execute("INSERT INTO t VALUES (1, 0)")
    add = "UPDATE t SET n = n + 1"
    yield f"sqlite:///{home}/ledger.db", lambda: cursors[0].execute(add), None
    yield postgres.create_database("ledger").dsn, lambda: cursors[1].execute(add), None
    client = google.storage_client()
    blob = client.create_bucket("a-ledger").blob("own")
    yield "gs://a-ledger/ledger", lambda: blob.upload_from_string(b"x" * 2000), client


if __name__ == "__main__":
    main()
