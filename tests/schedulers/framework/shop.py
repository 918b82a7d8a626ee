"""Twelve tables of MySQL, as an application's framework makes them, with a history; the file that syncs them hourly."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Self

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql.source import MySQLSource
from floodmark.demo import shop_mysql
from floodmark.demo.databases import connect_for_scripts, run_script
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.schedulers.source import ScheduledSource

FOLDER = Path(__file__).parent
HOURS = 3
"""Slices from the start to the first hour's end that comes while somebody writes."""
PASSWORD = "not a secret"
TABLES = (
    "users", "products", "orders", "order_items", "tags", "product_tag", "reviews", "payments", "events",
    "settings", "sessions", "migrations",
)  # fmt: skip
SLICED = TABLES[:9]
"""Those that have a cursor; the others are read whole by each run."""


@dataclass(frozen=True, kw_only=True)
class FrameworkShop(ScheduledSource):
    """The twelve, in a database of their own. ``end`` is when the first hour ends that its writers live to see."""

    database: MySQLDatabase

    @property
    def asked(self) -> MySQLSource:
        """MySQL's."""
        place = self.reader
        given = MySQL(host=place.host, port=place.port, user=place.user, password=place.password, database=place.dbname)
        return MySQLSource(given, self.ledger.uuid)

    @property
    def end(self) -> datetime:
        """UTC. An hour ends at any minute: its cadence is a cron of every hour."""
        return self.start + HOURS * timedelta(hours=1)

    @property
    def reader(self) -> MySQLDatabase:
        """The database as Floodmark's own account reaches it."""
        return replace(self.database, user=f"floodmark_{self.name}", password=PASSWORD)

    def create(self) -> None:
        """The tables, the history of the hours until now, and the account that may read them."""
        minutes = int((datetime.now(UTC) - self.start) / timedelta(minutes=1))
        with contextlib.closing(connect_for_scripts(self.database.dsn)) as connection:
            run_script(connection, (FOLDER / "schema.sql").read_text(encoding="utf-8"))
            run_script(connection, f"SET @start = '{self.start:%Y-%m-%d %H:%M:%S}', @minutes = {minutes}")
            run_script(connection, (FOLDER / "history.sql").read_text(encoding="utf-8"))
            connection.commit()
        shop_mysql.create_reader(self.database, self.reader.user, PASSWORD)

    def write(self, connection: str) -> None:
        """Its file, beside the DAG file. ``connection`` is Airflow's, to :attr:`reader`."""
        words = {
            "NAME": self.name, "CONNECTION": connection, "BUCKET": self.bucket, "PROJECT": self.datasets.project,
            "DATASET": self.datasets.current, "START": f"{self.start:%Y-%m-%dT%H:%M:%SZ}",
            "MINUTE": str(self.start.minute),
        }  # fmt: skip
        text = (FOLDER / "source.yml").read_text(encoding="utf-8")
        self.put(self.yaml, Template(text).substitute(words))

    def ending_at(self, end: datetime) -> Self:
        """The same, whose hours end at the minute of ``end``."""
        return replace(self, start=end - HOURS * timedelta(hours=1))

    def remove(self) -> None:
        """Take it out of Airflow, and its account out of the server."""
        super().remove()
        self.database.sql(f"DROP USER IF EXISTS '{self.reader.user}'@'%'")
