"""A source of two tables in a schema of its own, its DAGs on a real Airflow, and what became of its rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import psycopg2.extensions
import yaml

from floodmark.adapters.postgres.source import PostgresSource
from tests.schedulers.source import ScheduledSource

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


def iso(hour: int, start: datetime = START) -> str:
    """Hour ``number`` after the start, as commands want it."""
    return f"{start + timedelta(hours=hour):%Y-%m-%dT%H:%M:%S+00:00}"


@dataclass(frozen=True, kw_only=True)
class Shop(ScheduledSource):
    """The source ``name``: tables ``orders`` (one row a minute of its hours) and ``items`` (one every ten)."""

    start: datetime = START
    hours: int = HOURS

    @property
    def asked(self) -> PostgresSource:
        """PostgreSQL's."""
        return PostgresSource(self.database.dsn, self.ledger.uuid)

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
        self.put(self.yaml.with_stem(self.name + suffix), yaml.safe_dump(document, sort_keys=False))

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

    def differences(self, sealed: datetime | None = None) -> list[str]:
        """What of the ledger's promise doesn't hold, row by row; tables not sealed up to ``sealed``, or its hours."""
        return list(self.wrong(sealed or self.start + timedelta(hours=self.hours), list(self.compared())))
