"""A shop for each test; the folder's Airflow says where its DAGs and its ledger lie (fixture ``home``)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from floodmark.demo.servers.all import Database, GoogleServers, PostgresServer
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.conftest import Datasets, new_datasets
from tests.schedulers.framework.shop import FrameworkShop
from tests.schedulers.long_backfill import LongBackfill
from tests.schedulers.shop import HOURS, Shop


@pytest.fixture(scope="session")
def source_database(postgres: PostgresServer) -> Database:
    """One database for all shops: the connection ``shop_db``."""
    return postgres.create_database("shop")


@pytest.fixture
def shop(
    home: Path, source_database: Database, google: GoogleServers, datasets: Datasets, bucket: str
) -> Iterator[Shop]:
    """A source that isn't created yet, taken out of Airflow afterwards."""
    made = Shop(
        name="s" + uuid.uuid4().hex[:8], database=source_database, google=google, datasets=datasets, bucket=bucket,
        dags=home / "dags", state=home / "state",
    )  # fmt: skip
    yield made
    made.remove()


@pytest.fixture
def recent(shop: Shop) -> Shop:
    """A shop whose rows lie in the three hours before the running one."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return replace(shop, start=hour - timedelta(hours=HOURS))


@pytest.fixture
def another(shop: Shop, google: GoogleServers) -> Iterator[Shop]:
    """A second shop, whose tables go elsewhere."""
    with new_datasets(google, f"{shop.datasets.current}_2") as datasets:
        made = replace(shop, name=f"{shop.name}2", datasets=datasets)
        yield made
        made.remove()


@pytest.fixture
def framework_shop(
    mysql_database: MySQLDatabase, home: Path, google: GoogleServers, datasets: Datasets, bucket: str
) -> Iterator[FrameworkShop]:
    """Twelve tables of MySQL that aren't created yet, taken out of Airflow and the server afterwards."""
    made = FrameworkShop(
        name="f" + uuid.uuid4().hex[:8], database=mysql_database, google=google, datasets=datasets, bucket=bucket,
        dags=home / "dags", state=home / "state", start=datetime.now(UTC),
    )  # fmt: skip
    yield made
    made.remove()


@pytest.fixture
def long_backfill(shop: Shop) -> LongBackfill:
    """A shop whose rows lie in the slices (``BACKFILL_SLICES``) before the running hour."""
    return LongBackfill.of(shop, datetime.now(UTC))
