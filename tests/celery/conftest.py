"""Airflow with two workers of Celery's, and two plants: many tables in batches, and some by themselves."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

import floodmark
from floodmark.demo.servers.all import Database, GoogleServers, PostgresServer, temporary_folder
from tests.celery.plant import Plant, kept
from tests.celery.redis_server import RedisServer
from tests.celery.workers import CeleryAirflow
from tests.conftest import Datasets, new_datasets
from tests.schedulers.end import now

TABLES = int(os.environ.get("CELERY_TABLES", "200"))
"""In batches. A tenth as many have tasks of their own, at least four."""
CADENCE = timedelta(minutes=1 if TABLES <= 40 else 5)


def _connection(database: Database) -> str:
    return json.dumps(
        {"conn_type": "postgres", "host": database.host, "port": database.port, "schema": database.dbname,
         "login": database.user}
    )  # fmt: skip


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> dict[str, Database]:
    """Of the source, the ledger and Airflow's metadata, apart from each other."""
    return {name: postgres.create_database(name) for name in ("celery_source", "celery_ledger", "celery_airflow")}


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Airflow's folder; nothing in it is needed afterwards."""
    with temporary_folder() as folder:
        (folder / "dags" / "sources").mkdir(parents=True)
        yield folder


@pytest.fixture(scope="session")
def airflow(home: Path, databases: dict[str, Database], google: GoogleServers) -> Iterator[CeleryAirflow]:
    """Running, with both workers."""
    variables = google.variables() | {
        "AIRFLOW_CONN_SHOP_DB": _connection(databases["celery_source"]),
        "AIRFLOW_CONN_LEDGER_DB": _connection(databases["celery_ledger"]),
        "PYTHONPATH": str(Path(floodmark.__file__).parents[1]),
    }
    url = databases["celery_airflow"].dsn.replace("postgresql://", "postgresql+psycopg2://", 1)
    with RedisServer(folder=home) as redis:
        server = CeleryAirflow(
            broker=redis.url, folder=home / "airflow", database=url, dags=home / "dags", variables=variables
        )
        server.begin()
        with server:
            for worker in server.workers.values():
                worker.begin()
            yield server


@pytest.fixture
def plants(
    home: Path, databases: dict[str, Database], google: GoogleServers, datasets: Datasets, bucket: str
) -> Iterator[dict[str, Plant]]:
    """``batched``: TABLES with a ledger in PostgreSQL; ``single``: a tenth of them with one in a bucket."""
    unique, start = uuid.uuid4().hex[:6], now().replace(second=0, microsecond=0) - 5 * CADENCE
    if TABLES > 40:
        start = start.replace(minute=start.minute // 5 * 5)
    given = {"database": databases["celery_source"], "google": google, "bucket": bucket, "dags": home / "dags",
             "state": home / "state", "start": start}  # fmt: skip
    folder = f"gs://{bucket}/ledger"
    with contextlib.ExitStack() as stack:
        others = stack.enter_context(new_datasets(google, f"{datasets.current}_single"))
        made = {
            "batched": Plant(
                name=f"batched{unique}", datasets=datasets, tables=TABLES, batch=True,
                place={"connection": "ledger_db"}, kept=partial(kept, databases["celery_ledger"].dsn), **given,
            ),
            "single": Plant(
                name=f"single{unique}", datasets=others, tables=max(4, TABLES // 10), batch=False, place=folder,
                kept=lambda: kept(folder, google.storage_client()), **given,
            ),
        }  # fmt: skip
        yield made
        for plant in made.values():
            plant.remove()
