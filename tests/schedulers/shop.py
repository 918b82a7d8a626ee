"""A source of two tables in a schema of its own, its DAGs on a real Airflow, and what became of its rows."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
import yaml

from floodmark.adapters import yaml_file
from floodmark.adapters.ledger import open_ledger
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ports import Ledger
from floodmark.demo.compare import compare
from floodmark.demo.pairs import synced
from floodmark.demo.servers.all import Database, GoogleServers
from tests.conftest import Datasets

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""Where a shop's rows begin, unless a test says otherwise."""
HOURS = 3
"""How many hours after that its rows lie in."""

TABLES = """
CREATE SCHEMA {name};
CREATE TABLE {name}.orders (id bigint PRIMARY KEY, note text, amount numeric(12, 2), updated_at timestamptz NOT NULL);
CREATE INDEX ON {name}.orders (updated_at);
CREATE TABLE {name}.items (id bigint PRIMARY KEY, note text, updated_at timestamptz NOT NULL);
CREATE INDEX ON {name}.items (updated_at);
INSERT INTO {name}.orders SELECT n, 'n' || n, n / 7.0, '{start}'::timestamptz + n * interval '1 minute'
FROM generate_series(0, {hours} * 60 - 1) n;
INSERT INTO {name}.items SELECT n, 'i' || n, '{start}'::timestamptz + n * interval '10 minutes'
FROM generate_series(0, {hours} * 6 - 1) n;
"""

DAG_FILE = """\
from datetime import timedelta

from floodmark.airflow import dags

made = dags(__file__)
for dag in made.values():
    for task in dag.tasks:  # a minute and more by default
        task.retry_delay, task.retry_exponential_backoff = timedelta(seconds=2), False
globals().update(made)
"""


def iso(hour: int, start: datetime = START) -> str:
    """Hour ``number`` after the start, as commands want it."""
    return f"{start + timedelta(hours=hour):%Y-%m-%dT%H:%M:%S+00:00}"


def until(what: str, condition: Any, within: float, evidence: Any = lambda: "", every: float = 0.1) -> Any:
    """Wait for a condition to hold; what it gave. Fails with ``evidence()`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within:.0f} s\n{evidence()}"
        time.sleep(every)
    return found


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The source ``name``: tables ``orders`` (one row a minute of its hours) and ``items`` (one every ten)."""

    name: str
    database: Database
    google: GoogleServers
    datasets: Datasets
    bucket: str
    dags: Path
    state: Path
    start: datetime = START
    hours: int = HOURS

    def create(self, **keys: Any) -> None:
        """Make its tables, and its YAML beside the DAG file (:meth:`write`)."""
        self.sql(TABLES.format(name=self.name, start=iso(0, self.start), hours=self.hours))
        self.write(**keys)

    def write(
        self, suffix: str = "", cadence: str = "1h", catchup: bool | str = False, start: datetime | None = None,
        **tables: Any,
    ) -> None:  # fmt: skip
        """A source's YAML; with a ``suffix`` one of other runs of the same tables. Keys of a table are added to it."""
        written = {table: {"from": f"{self.name}.{table}"} | tables.get(table, {}) for table in ("orders", "items")}
        document = {
            "version": 1, "source": self.name + suffix, "connection": "shop_db", "stage": f"gs://{self.bucket}/floodmark",
            "bigquery": {"project": self.datasets.project, "location": "EU", "dataset": self.datasets.current},
            "start": iso(0, start or self.start), "cadence": cadence, "catchup": catchup,
            "defaults": {"settle": "1s", "first_load": "slices"},
            "tables": written,
        }  # fmt: skip
        self.yaml.parent.mkdir(parents=True, exist_ok=True)
        file = self.yaml.with_stem(self.name + suffix)
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        (self.dags / "floodmark_dags.py").write_text(DAG_FILE, encoding="utf-8")

    @property
    def yaml(self) -> Path:
        """Where its YAML lies."""
        return self.dags / "sources" / f"{self.name}.yml"

    def remove(self) -> None:
        """Take it out of Airflow."""
        for file in self.yaml.parent.glob(f"**/{self.name}*"):
            file.unlink()
        self.ledger.close()

    @contextlib.contextmanager
    def session(self) -> Iterator[psycopg2.extensions.cursor]:
        """A session of the source, each statement committed by itself; closed at the end."""
        with contextlib.closing(psycopg2.connect(self.database.dsn)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor

    def sql(self, statement: str) -> None:
        """Run statements in the source."""
        with self.session() as cursor:
            cursor.execute(statement)

    def config(self) -> SourceConfig:
        """The source as it is configured."""
        return yaml_file.load(self.yaml, os.environ)

    def target(self, table: str) -> str:
        """The name of a current table, which is that of its head."""
        return f"{self.datasets.project}.{self.datasets.current}.{table}"

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger that the tasks write."""
        self.state.mkdir(exist_ok=True)
        return open_ledger(f"sqlite:///{self.state}/floodmark.db")

    def head(self, table: str) -> Head:
        """What the ledger knows of a table now."""
        return self.ledger.head(self.target(table))

    def reads(self, table: str) -> tuple[Read, ...]:
        """Every closed read of a table, oldest first."""
        return tuple(self.ledger.reads(self.target(table)))

    def holder(self, table: str, task: str) -> int:
        """The process of ``task`` if it holds the table's lease now, by its name in the ledger; 0 if not."""
        holder = self.head(table).holder
        return int(holder.rpartition(":")[2]) if f"/{table}.{task}/" in holder else 0

    def current(self, table: str) -> list[tuple[Any, ...]]:
        """Rows of the current table, without Floodmark's columns."""
        return self._rows(f"SELECT * EXCEPT (_floodmark_cursor, _floodmark_read_at) FROM `{self.target(table)}`")

    def source(self, table: str, first: int = 0, hours: int = HOURS) -> list[tuple[Any, ...]]:
        """Rows of the source whose cursor lies in some hours after the start."""
        low, high = self.start + timedelta(hours=first), self.start + timedelta(hours=first + hours)
        with self.session() as cursor:
            query = f"SELECT * FROM {self.name}.{table} WHERE updated_at >= %s AND updated_at < %s ORDER BY 1"
            cursor.execute(query, (low, high))
            return cursor.fetchall()

    def everything(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of the source."""
        with self.session() as cursor:
            cursor.execute(f"SELECT * FROM {self.name}.{table} ORDER BY 1")
            return cursor.fetchall()

    def raw(self, table: str) -> dict[datetime, int]:
        """Rows in raw by the read that saw them. Fails where a read has a row twice."""
        place = f"`{self.datasets.project}.{self.datasets.raw}.{table}`"
        found = self._rows(f"SELECT _floodmark_read_at, COUNT(*), COUNT(DISTINCT id) FROM {place} GROUP BY 1")
        assert all(rows == ids for _, rows, ids in found), f"{table}: a read is in raw twice: {found}"
        return {read_at: rows for read_at, rows, _ in found}

    def sealed_up_to(self, table: str) -> datetime:
        """From the start to where the ledger vouches for a table without a gap."""
        return coverages.sealed_up_to(self.head(table).coverage, self.start)

    def differences(self, sealed: datetime | None = None) -> list[str]:
        """What of the ledger's promise doesn't hold, row by row; tables not sealed up to ``sealed``, or its hours."""
        wrong, sealed = [], sealed or self.start + timedelta(hours=self.hours)
        source = PostgresSource(self.database.dsn, self.ledger.uuid)
        for table in synced(self.config(), source, self.ledger, self.yaml.name):
            comparison = compare(self.database.dsn, self.google.bigquery_client(), table.pair)
            if not comparison.equal:
                wrong.append(str(comparison))
            if table.pair.up_to is None or table.pair.up_to < sealed:
                wrong.append(f"{table.pair.name} is sealed up to {table.pair.up_to} only")
            known = {read.read_at: read.rows for read in table.reads if read.rows}
            if (raw := self.raw(table.pair.table)) != known:
                wrong.append(f"{table.pair.name}: raw has {raw}, the ledger {known}")
        return wrong

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        rows = self.google.bigquery_client().query(f"{query} ORDER BY 1", location="EU").result()
        return [tuple(row.values()) for row in rows]
