"""Those that bring the workload's table into a target of their own, slice by slice: fixed slices, and Floodmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg2
from psycopg2.extras import execute_values

from floodmark.adapters.connections.mysql import MySQL
from floodmark.core import sql
from floodmark.core.config.source_file import parse
from floodmark.core.ledger import coverage
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.demo.databases import Place, ask, connect
from floodmark.demo.loss.compare import Reads, Row
from floodmark.demo.servers.all import PROJECT, Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.pipeline import wiring
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Ports, Request, TableRun

CONFIGURATION = """
version: 1
source: loss
connection: loss_db
stage: gs://{bucket}/floodmark
bigquery: {{project: {project}, location: EU, dataset: {dataset}}}
start: 2020-01-01
tables:
  orders: {{settle: 1s, first_load: slices}}
"""


class Contestant(Protocol):
    """One way of syncing. ``run`` is called from one thread; the rest once that has ended."""

    name: str

    def run(self, interval: Interval) -> None:
        """Do what its schedule does when a slice has ended."""

    def rows(self) -> Sequence[Row]:
        """Its target: key and version of every row."""

    def reads(self) -> tuple[int, int]:
        """Rows that the source returned to it, and how many of them it had got before in that very version."""

    def close(self) -> None:
        """Give back what it holds."""


class FixedSlice:
    """``updated_at >= low - look_back AND updated_at < high``, upserted by key: what most hourly jobs do."""

    def __init__(self, name: str, *, source: Place, target: Database, look_back: timedelta = timedelta(0)) -> None:
        self.name, self.look_back = name, look_back
        self._reads = Reads()
        self._source, self._target = connect(source.dsn), psycopg2.connect(target.dsn)
        self._slice, self._upsert = sql.source("demo/loss_slice.sql"), sql.source("demo/loss_upsert.sql")
        with self._target, self._target.cursor() as cursor:
            cursor.execute(sql.source("demo/loss_target.sql"))

    def run(self, interval: Interval) -> None:
        """Read the slice with its look-back, and upsert it."""
        found = ask(self._source, self._slice, interval.low - self.look_back, interval.high)
        self._reads.add(version for _, version, _, _ in found)
        with self._target, self._target.cursor() as cursor:
            if found:
                execute_values(cursor, self._upsert, found, page_size=1000)

    def rows(self) -> Sequence[Row]:
        """Its target."""
        with self._target, self._target.cursor() as cursor:
            cursor.execute("SELECT id, version FROM orders")
            return cursor.fetchall()

    def reads(self) -> tuple[int, int]:
        """Rows read, and read again."""
        return self._reads.rows, self._reads.again

    def close(self) -> None:
        """Close both connections."""
        self._source.close()
        self._target.close()


@dataclass(frozen=True, kw_only=True)
class ServersHere:
    """Implements :class:`floodmark.pipeline.wiring.Connections` by the servers of this machine."""

    source: Place
    google: GoogleServers
    ledger: Path

    def type_of(self, connection: str) -> str:
        """That of the workload's database, whatever the connection's name."""
        return "mysql" if isinstance(self.source, MySQLDatabase) else "postgres"

    def libpq(self, connection: str) -> Mapping[str, str]:
        """The workload's PostgreSQL."""
        place = self.source
        fields = {"host": place.host, "port": str(place.port), "dbname": place.dbname, "user": place.user}
        return {**fields, "password": place.password} if place.password else fields

    def mysql(self, connection: str) -> MySQL:
        """The workload's MySQL."""
        place = self.source
        return MySQL(
            host=place.host, port=place.port, user=place.user, password=place.password, database=place.dbname
        )  # fmt: skip

    def password(self, connection: str) -> str:
        """None has any."""
        return ""

    def session(self, connection: str, *, local: bool = False) -> Any:
        """One without credentials."""
        from google.auth.credentials import AnonymousCredentials
        from google.auth.transport.requests import AuthorizedSession

        return AuthorizedSession(AnonymousCredentials())

    def account(self, connection: str) -> str:
        """Nobody's."""
        return ""

    def storage(self, connection: str) -> Any:
        """A client of Google's."""
        return self.google.storage_client()

    def bigquery(self, connection: str, project: str, location: str) -> Any:
        """A client of Google's."""
        return self.google.bigquery_client()

    def database_url(self, connection: str) -> str:
        """The ledger's file."""
        return self.sqlite_ledger("")

    def sqlite_ledger(self, path: str) -> str:
        """The ledger's file."""
        return f"sqlite:///{self.ledger}"


class Floodmark:
    """The pipeline as Airflow's tasks run it: look, seal, ADBC, Parquet, Cloud Storage, load job, MERGE, ledger.

    Two keys of the table are set below what a configuration file may say, since time is compressed: the cadence is
    ``width``, and ``start`` the first slice's beginning. Everything else is the product's own, ``settle`` included,
    which is not compressed: it covers a race inside PostgreSQL that takes its real time.
    """

    name = "Floodmark"

    def __init__(
        self, *, source: Place, google: GoogleServers, folder: Path, first: datetime, width: timedelta, place: str
    ) -> None:
        """``place`` names the bucket and the datasets that are made for it."""
        client = google.bigquery_client()
        for dataset in (place, f"{place}_raw"):
            client.create_dataset(dataset)
        bucket = place.replace("_", "-")
        google.storage_client().create_bucket(bucket)
        self._raw = f"{PROJECT}.{place}_raw.orders"
        text = CONFIGURATION.format(bucket=bucket, project=PROJECT, dataset=place)
        config = parse(text, "loss.yml", {})
        table = config.tables["orders"].model_copy(update={"cadence": Every(width), "start": first})
        connections = ServersHere(source=source, google=google, ledger=folder / f"{place}.db")
        self._ports: Ports = wiring.ports(config, connections)
        self.table_run = TableRun(
            config=config, table=table, ports=self._ports, holder="loss benchmark", file="loss.yml"
        )

    def run(self, interval: Interval) -> None:
        """Extract, then load what there is."""
        request = Request(kind=Kind.SLICE, run_id=interval.high.isoformat(), interval=interval)
        outcome = extract(self.table_run, request)
        if outcome.pending:
            load(self.table_run, outcome.read_at)

    def rows(self) -> Sequence[Row]:
        """The current table."""
        found = self._ports.warehouse.query(f"SELECT id, version FROM `{self.table_run.target}`")
        return [(row["id"], row["version"]) for row in found]

    def reads(self) -> tuple[int, int]:
        """Rows in raw, which keeps what every read saw, and how many of them it holds more than once."""
        reads = Reads()
        reads.add(version for version, _, _ in self.raw())
        return reads.rows, reads.again

    def raw(self) -> Sequence[tuple[int, datetime, datetime]]:
        """Raw: version, cursor and ``read_at`` of every row that any read saw."""
        columns = "version, _floodmark_cursor AS cursor, _floodmark_read_at AS read_at"
        found = self._ports.warehouse.query(f"SELECT {columns} FROM `{self._raw}`")
        return [(row["version"], row["cursor"], row["read_at"]) for row in found]

    def ledger(self) -> Sequence[Read]:
        """Its reads, in order."""
        return self._ports.ledger.reads(self.table_run.target)

    def late(self) -> int:
        """Rows that turned up in slices that its ledger had called sealed (R12); it loads them, but it was wrong."""
        return sum(read.late for read in self.ledger())

    def sealed_up_to(self) -> datetime:
        """T of the promise."""
        return coverage.sealed_up_to(self._ports.ledger.head(self.table_run.target).coverage, self.table_run.start)

    def close(self) -> None:
        """Close what is open."""
        self._ports.close()
