"""A small shop on real servers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shop import TABLES, Shop, hour, written


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a ledger of its own, and only the connections that it makes."""
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", raising=False)
    for name in ("AIRFLOW_CONN_SHOP_DB", "FLOODMARK_DSN", "FLOODMARK_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def well_within_the_hour() -> None:
    """Tests count hours back from now: none may begin in one hour and end in the next."""
    left = (hour(-1) - datetime.now(UTC)).total_seconds()
    if left < 30:
        time.sleep(left + 0.1)


@pytest.fixture
def source(tmp_path: Path, database: Any, monkeypatch: pytest.MonkeyPatch, well_within_the_hour: None) -> Shop:
    """The shop's database and file, without Google."""
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", database.dsn)
    shop = Shop(file=written(tmp_path), database=database, datasets=None)
    shop.execute(TABLES)
    return shop


@pytest.fixture
def shop(source: Shop, tmp_path: Path, bucket: str, datasets: Any) -> Shop:
    """The whole shop: its database, a bucket, both datasets."""
    file = written(tmp_path, bucket=bucket, project=datasets.project, dataset=datasets.current)
    return Shop(file=file, database=source.database, datasets=datasets)


@pytest.fixture
def current(google: Any, shop: Shop) -> Callable[[str], list[dict[str, Any]]]:
    """Rows of a current table, in order of id."""

    def rows(table: str) -> list[dict[str, Any]]:
        name = f"{shop.datasets.project}.{shop.datasets.current}.{table}"
        found = google.bigquery_client().query(f"SELECT * FROM `{name}` ORDER BY id").result()
        return [dict(row.items()) for row in found]

    return rows
