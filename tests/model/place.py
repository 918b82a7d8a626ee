"""Where the model runs: real servers, one ledger of each kind, and a table of its own for each example."""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.source_file import parse
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.requested import Requester
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.pipeline.table_run import Ports, Request, TableRun
from floodmark.pipeline.wiring import ports
from tests.conftest import Datasets
from tests.fakes.fuse import SOON

TABLES = {
    "keyed": "{deletes: {soft: deleted_at}}",
    "partitioned": "{deletes: {soft: deleted_at}, partition_by: created_at}",
    "append": "{sync: append, cursor: updated_at}",
    "parted": "{deletes: {soft: deleted_at}, first_load: whole, first_load_rows: 4}",
}
LEDGERS = ("sqlite", "postgresql", "gs")
CADENCE = timedelta(seconds=0.3)


@dataclass
class Place:
    """Servers and names that all examples share."""

    database: Database
    ledger_database: Database
    google: GoogleServers
    datasets: Datasets
    bucket: str
    folder: Path
    warehouse: Any = None
    opened: dict[str, Ports] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    open_transactions: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.warehouse = self.google.bigquery_client()

    def table_run(self, table: str, kind: str, ledger: str, start: datetime) -> TableRun:
        """One table; its ports are shared by all that use this ledger."""
        address = {
            "sqlite": f"sqlite:///{self.folder}/ledger.db",
            "postgresql": "{connection: ledger_db}",
            "gs": f"gs://{self.bucket}/ledger",
        }[ledger]
        text = f"""
            version: 1
            source: shop
            connection: shop_db
            stage: gs://{self.bucket}/stage
            ledger: {address}
            bigquery: {{project: {self.datasets.project}, location: EU, dataset: {self.datasets.current}}}
            start: 2026-11-01
            defaults: {{settle: 0s, first_load: slices}}
            tables: {{{table}: {TABLES[kind]}}}
        """
        config = parse(text, "shop.yml", {})
        if ledger not in self.opened:
            self.opened[ledger] = self.ports(config)
        # Shorter than a configuration may say: time is compressed.
        compressed = config.tables[table].model_copy(update={"cadence": Every(CADENCE), "start": start})
        return TableRun(
            config=config, table=compressed, ports=self.opened[ledger], holder="", file="shop.yml", time_to_live=SOON
        )

    def ports(self, config: SourceConfig) -> Ports:
        """Opened anew, as by a process of its own."""
        dsns = {"shop_db": self.database.dsn, "ledger_db": self.ledger_database.dsn}
        return ports(config, LocalConnections(os.environ, dsns=dsns))

    def step(self, run: TableRun) -> TableRun:
        """The same table for a step of its own."""
        return replace(run, holder=f"step {next(self.open_transactions)}")

    def ask(self, interval: Interval | None, kind: Kind = Kind.SLICE, by: Requester = Requester.PERSON) -> Request:
        """A run of its own."""
        return Request(kind=kind, run_id=f"run {next(self.open_transactions)}", interval=interval, by=by)

    def forget(self, table: str) -> None:
        """Drop an example's tables and objects: each that stands slows the servers."""
        for dataset in (self.datasets.current, self.datasets.raw):
            self.warehouse.delete_table(f"{self.datasets.project}.{dataset}.{table}", not_found_ok=True)
        for blob in self.google.storage_client().list_blobs(self.bucket):
            if re.search(rf"\b{table}\b", blob.name):
                blob.delete()

    def close(self) -> None:
        """Close what was opened."""
        for wired in self.opened.values():
            wired.close()
