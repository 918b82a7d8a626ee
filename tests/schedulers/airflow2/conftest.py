"""Airflow 2.11, where ``airflow dags backfill`` runs by itself: the LocalExecutor, its metadata in PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import floodmark
from floodmark.demo.servers import Database, GoogleServers, PostgresServer, temporary_folder


@dataclass(frozen=True, kw_only=True)
class Airflow:
    """Its command line."""

    variables: dict[str, str]

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        """Run ``airflow ...``; what it printed, logs included."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env={"PATH": os.environ["PATH"], **self.variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=170,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout[-8000:]
        return done.stdout


@pytest.fixture(scope="session")
def home(postgres: PostgresServer) -> Iterator[Path]:
    """Airflow's folder; nothing in it is needed afterwards."""
    with temporary_folder() as folder:
        (folder / "dags" / "sources").mkdir(parents=True)
        yield folder


@pytest.fixture(scope="session")
def airflow(home: Path, postgres: PostgresServer, source_database: Database, google: GoogleServers) -> Airflow:
    """With its metadata's tables made."""
    shop = source_database
    connection = {
        "conn_type": "postgres",
        "host": shop.host,
        "port": shop.port,
        "schema": shop.dbname,
        "login": shop.user,
    }
    metadata = postgres.create_database("airflow").dsn.replace("postgresql://", "postgresql+psycopg2://", 1)
    variables = google.variables() | {
        "AIRFLOW_CONN_SHOP_DB": json.dumps(connection),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata,
        "FLOODMARK_STATE": str(home / "state"),
        "HOME": str(home),
        "PYTHONPATH": str(Path(floodmark.__file__).parents[1]),
    }  # fmt: skip
    made = Airflow(variables=variables)
    made("db", "migrate")
    return made
