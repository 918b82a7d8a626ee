"""A source database, its stage, its datasets and its ledger on real servers, and the pipeline over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import pytest

from floodmark.adapters import summary_files
from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.config.source_file import parse
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.table_run import Ports, Request, TableRun
from floodmark.pipeline.wiring import ports
from tests.conftest import Datasets

START = datetime(2026, 11, 1, tzinfo=UTC)


def hour(number: int, width: int = 1) -> Interval:
    """Hour ``number`` after START, or several."""
    return Interval(low=START + timedelta(hours=number), high=START + timedelta(hours=number + width))


@dataclass
class World:
    """One source with its ledger; ``run`` does what one Airflow run of one table does.

    ``place`` is what the YAML says under ``bigquery`` beside the datasets: ``, key: value``.
    ``database`` is where it is written. It is read there too, or at the DSN ``reads``; ``seal`` is seal_connection's.
    ``ledger`` is where it lies, if not in a file of ``folder``. ``also`` is one more line of the YAML.
    """

    database: Database
    datasets: Datasets
    google: GoogleServers
    bucket: str
    folder: Path
    tables: str = "{orders: }"
    place: str = ""
    reads: str = ""
    seal: str = ""
    ledger: str = ""
    also: str = ""
    open_transactions: int = 0
    opened: list[Ports] = field(default_factory=list)

    def sql(self, *statements: str) -> None:
        """Run statements in the source, each committed."""
        with self.connect() as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def connect(self) -> psycopg2.extensions.connection:
        """A new session of the source, committing each statement by itself."""
        connection = psycopg2.connect(self.database.dsn)
        connection.autocommit = True
        return connection

    def table_run(self, table: str, **changes: Any) -> TableRun:
        """One table, wired as for a step of its own."""
        text = f"""
            version: 1
            source: shop
            connection: shop_db
            {"seal_connection: shop_seal" if self.seal else self.also}
            stage: gs://{self.bucket}/stage
            ledger: {self.ledger or f"sqlite:///{self.folder}/ledger.db"}
            bigquery: {{project: {self.datasets.project}, location: EU, dataset: {self.datasets.current}{self.place}}}
            start: 2026-11-01
            defaults: {{settle: 0s, first_load: slices}}
            tables: {self.tables}
        """
        config = parse(text, "shop.yml", {})
        connections = LocalConnections(
            os.environ, dsns={"shop_db": self.reads or self.database.dsn, "shop_seal": self.seal}
        )
        wired = ports(config, connections)
        self.opened.append(wired)
        self.open_transactions += 1
        made = TableRun(
            config=config,
            table=config.tables[table],
            ports=wired,
            holder=f"step {self.open_transactions}",
            file="shop.yml",
            time_to_live=timedelta(seconds=5),
            summaries=partial(summary_files.targets, self.folder / "shop.yml", config),
        )
        return replace(made, **changes)

    def run(
        self, table: str, interval: Interval | None, kind: Kind = Kind.SLICE, run_id: str = "", **changes: Any
    ) -> Outcome:
        """Extract, then load if anything is staged."""
        found = extract(
            self.table_run(table, **changes),
            Request(kind=kind, run_id=run_id or f"{kind} {interval}", interval=interval),
        )
        return load(self.table_run(table, **changes), found.read_at) if found.pending else found

    def head(self, table: str) -> Head:
        """What the ledger knows of a table."""
        run = self.table_run(table)
        return run.ports.ledger.head(run.target)

    def current(self, table: str, columns: str = "*", order: str = "1") -> list[tuple[Any, ...]]:
        """Rows of the current table."""
        return self._rows(f"SELECT {columns} FROM `{self.datasets.current}.{table}` ORDER BY {order}")

    def raw(self, table: str, columns: str = "*", order: str = "1") -> list[tuple[Any, ...]]:
        """Rows of the raw table."""
        return self._rows(f"SELECT {columns} FROM `{self.datasets.raw}.{table}` ORDER BY {order}")

    def source(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the source."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        client = self.google.bigquery_client()
        return [tuple(row.values()) for row in client.query(query, location="EU").result()]

    def close(self) -> None:
        """Close what the steps opened."""
        for wired in self.opened:
            wired.close()


@pytest.fixture
def world_of(
    datasets: Datasets, google: GoogleServers, bucket: str, tmp_path: Path
) -> Iterator[Callable[[Database], World]]:
    """Makes a world of a database; in it is one keyed table ``orders``."""
    made: list[World] = []

    def make(database: Database) -> World:
        world = World(database=database, datasets=datasets, google=google, bucket=bucket, folder=tmp_path)
        made.append(world)
        world.sql(
            "CREATE TABLE orders "
            "(id bigint PRIMARY KEY, note text, amount numeric(12,2), updated_at timestamptz NOT NULL)",
            "CREATE INDEX ON orders (updated_at)",
        )
        return world

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(database: Database, world_of: Callable[[Database], World]) -> World:
    """A source with one keyed table ``orders`` to begin with; ``world.tables`` may be written anew."""
    return world_of(database)
