"""The demo's shop alive, synced slice by slice without Airflow and compared, whatever database it is in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from floodmark.adapters import yaml_file
from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.demo.compare import Comparison, compare
from floodmark.demo.databases import Place
from floodmark.demo.pairs import late_commits, synced
from floodmark.demo.servers.all import GoogleServers
from floodmark.demo.shop import History
from floodmark.demo.sources import DagsFolder
from floodmark.demo.workload import Workload
from floodmark.demo.writer import Tally
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Ports, Request, TableRun, closing
from floodmark.pipeline.wiring import ports

WIDTH = timedelta(seconds=8)


@dataclass(frozen=True, kw_only=True)
class Lived:
    """The comparisons by their pairs' names, how many rows were committed late, and what the writers did."""

    found: dict[str, Comparison]
    late: int
    done: Tally

    def is_equal_and_was_late(self) -> None:
        """Every table is the source's, and there was something to lose."""
        assert [(name, one.examples) for name, one in self.found.items() if not one.equal] == []
        assert all(one.source_rows > 50 for one in self.found.values())
        assert self.late > 0


def live(database: Place, google: GoogleServers, bucket: str, folder: Path, fill: Callable[[History], object]) -> Lived:
    """Three slices of a life, and the last one again once prices stand still. ``fill`` makes the tables with a history.

    The datasets are those of the shop's own file, made anew: what another test has left there is another ledger's.
    """
    start = Every(timedelta(hours=1)).boundary(datetime.now(UTC)) - timedelta(hours=1)
    client = google.bigquery_client()
    for dataset in ("shop", "shop_raw"):
        client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
        client.create_dataset(dataset)
    environ = {
        **google.variables(), "FLOODMARK_BUCKET": bucket, "FLOODMARK_PROJECT": google.project,
        "FLOODMARK_STATE": str(folder), "FLOODMARK_SHOP_START": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "FLOODMARK_SHOP_SETTLE": "500ms",
    }  # fmt: skip
    config = yaml_file.load(DagsFolder(folder / "dags", ("shop",)).source("shop"), environ)
    fill(History(start=start, end=datetime.now(UTC), orders_per_hour=100))
    with closing(ports(config, LocalConnections(environ, dsns={"shop_db": database.dsn}))) as wired:
        with Workload(dsn=database.dsn, boundary=WIDTH, rate=30) as workload:
            low = start
            for _ in range(3):
                high = Every(WIDTH).after(datetime.now(UTC))
                time.sleep((high - datetime.now(UTC)).total_seconds() + 0.5)
                _run(config, wired, Interval(low=low, high=high))
                low = high
            workload.hold_prices()
            time.sleep(1)
            _run(config, wired, Interval(low=low - WIDTH, high=low))
            tables = list(synced(config, wired.source, wired.ledger, "shop.yml"))
            found = {one.pair.name: compare(database.dsn, client, one.pair) for one in tables}
        late = sum(late_commits(client, one) for one in tables if one.pair.cursor)
    return Lived(found=found, late=late, done=workload.tally)


def _run(config: SourceConfig, wired: Ports, interval: Interval) -> None:
    """What the schedule does for one slice of all tables."""
    for table in config.tables.values():
        run = TableRun(config=config, table=table, ports=wired, holder="test")
        outcome = extract(run, Request(kind=Kind.SLICE, run_id=f"{interval.high}", interval=interval))
        if outcome.pending:
            load(run, outcome.read_at)
