"""SIGKILL and SIGSTOP at the writes of a run whose source is MySQL; then only Airflow's own retry.

``make crash`` tries each point once, with either ledger in turn; ``SHARE=ci`` four of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any, cast

import pytest

from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.conftest import Datasets
from tests.crash.shop import ROWS, Shop
from tests.crash.test_crash_matrix import LEDGERS, POINTS, WAYS, ends_as_an_unbroken_run

CI_SHARE = {("extract", 3, "before"), ("extract", 5, "stop"), ("load", 5, "after"), ("load", 7, "stop")}
"""A read without its manifest, one that another staged meanwhile; a load job and a merge that nobody noted."""


@dataclass
class MySQLCrash(Shop):
    """The same table in MySQL."""

    @property
    def server(self) -> MySQLDatabase:
        """The database."""
        assert isinstance(self.database, MySQLDatabase)
        return self.database

    def fill(self) -> None:
        values = ", ".join(f"({number}, 'note {number}', '2026-11-01 00:10')" for number in range(1, ROWS + 1))
        self.server.sql(
            "SET time_zone = '+00:00'",
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamp(6) NOT NULL)",
            f"INSERT INTO orders VALUES {values}",
        )

    def source(self) -> list[tuple[Any, ...]]:
        rows = self.server.sql("SET time_zone = '+00:00'", "SELECT id, note, updated_at FROM orders ORDER BY id")
        return [(key, note, moment.replace(tzinfo=UTC)) for key, note, moment in rows]


def cases() -> list[tuple[str, str, int, str]]:
    """Ledger, step, write, way."""
    whole = [(step, number, way) for step, number in POINTS for way in WAYS]
    if os.environ.get("CRASH_SHARE") == "ci":
        whole = [one for one in whole if one in CI_SHARE]
    return [(LEDGERS[place % 2], *one) for place, one in enumerate(whole)]


@pytest.fixture
def shop(
    request: pytest.FixtureRequest,
    mysql_database: MySQLDatabase,
    google: GoogleServers,
    datasets: Datasets,
    bucket: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MySQLCrash]:
    """A table with rows in one slice, and an empty ledger."""
    made = MySQLCrash(
        database=cast("Database", mysql_database),
        google=google,
        datasets=datasets,
        bucket=bucket,
        folder=tmp_path_factory.mktemp("crash"),
        ledger_kind=request.getfixturevalue("ledger"),
    )
    yield made
    made.close()


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("ledger", "step", "write", "way"), cases())
def test_a_plain_retry_over_mysql_ends_where_an_unbroken_run_would(
    shop: MySQLCrash, ledger: str, step: str, write: int, way: str
) -> None:
    ends_as_an_unbroken_run(shop, step, write, way)
