"""Airflow 2.11, where ``airflow dags backfill`` runs by itself: the LocalExecutor, its metadata in PostgreSQL.

A scheduler is started by the tests that need one.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

import floodmark
from floodmark.demo.servers.airflow import Part
from floodmark.demo.servers.all import Database, GoogleServers, PostgresServer, temporary_folder
from floodmark.demo.servers.sessions import Session
from tests.schedulers.runs import Runs
from tests.schedulers.source import until


@dataclass(frozen=True, kw_only=True)
class Airflow:
    """Its command line, its programs, its database."""

    metadata: Database
    variables: dict[str, str]

    @property
    def runs(self) -> Runs:
        """What it has run."""
        return Runs(metadata=self.metadata)

    def part(self, *command: str) -> Part:
        """``airflow ...`` as a program of its own, not started yet; with all that it starts it is a session."""
        return Part(command, Path(self.variables["AIRFLOW_HOME"]).parent, self.variables)

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        """Run ``airflow ...``; what it printed, logs included."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env={"PATH": os.environ["PATH"], **self.variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=170,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout[-8000:]
        return done.stdout

    def free(self, dag: str) -> None:
        """Let a backfill that is typed again take up what a killed one left ``running`` (docs/backfill.md)."""
        left = [f"{run.low:%Y-%m-%dT%H:%M:%S+00:00}" for run in self.runs.of(dag, "backfill") if not run.over]
        for hour in left:
            for _ in range(2):  # running -> restarting -> none
                self("tasks", "clear", "-s", hour, "-e", hour, "-y", dag)

    def states(self, dag: str, kind: str = "%") -> list[str]:
        """The states of the DAG's runs, those of a kind or all, oldest first."""
        with contextlib.closing(psycopg2.connect(self.metadata.dsn)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT state FROM dag_run WHERE dag_id = %s AND run_type LIKE %s ORDER BY id", (dag, kind))
            return [state for (state,) in cursor.fetchall()]

    def evidence(self, dag: str) -> str:
        """The ends of the logs that tell most."""
        home = Path(self.variables["AIRFLOW_HOME"])
        tasks = sorted((home / "logs" / f"dag_id={dag}").glob("**/*.log"), key=lambda path: path.stat().st_mtime)
        programs = [home.parent / "scheduler.log", home.parent / "dags.log"]
        paths = [path for path in (*tasks[-4:], *programs) if path.exists()]
        return "\n".join(f"=== {path}\n" + path.read_text(errors="replace")[-3000:] for path in paths)


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
    metadata = postgres.create_database("airflow")
    variables = google.variables() | {
        "AIRFLOW_CONN_SHOP_DB": json.dumps(connection),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "2",
        # A killed scheduler's work is found and given out again soon; but not that of one which is only slow.
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__SCHEDULER_ZOMBIE_TASK_THRESHOLD": "30",
        "AIRFLOW__SCHEDULER__ZOMBIE_DETECTION_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
        "AIRFLOW__SCHEDULER__LOCAL_TASK_JOB_HEARTBEAT_SEC": "5",
        # A worker that LocalExecutor forks closes what lies in its parent's pool, maybe as the parent takes it out.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_ENABLED": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": metadata.dsn.replace("postgresql://", "postgresql+psycopg2://", 1),
        "FLOODMARK_STATE": str(home / "state"),
        "HOME": str(home),
        "PYTHONPATH": str(Path(floodmark.__file__).parents[1]),
    }  # fmt: skip
    made = Airflow(metadata=metadata, variables=variables)
    made("db", "migrate")
    return made


@pytest.fixture
def scheduler(airflow: Airflow) -> Iterator[Part]:
    """Not started yet; its DAGs are unpaused as they come."""
    part = airflow.part("scheduler", "--skip-serve-logs")
    yield part
    part.stop()


def kill(part: Part) -> None:
    """SIGKILL to a program and to all that it has started, tasks included."""
    for pid in list(Session(leader=part.pid).members()):
        os.kill(pid, signal.SIGKILL)
    part.stop()


def ended(airflow: Airflow, dag: str, count: int, kind: str = "%", within: float = 170) -> list[str]:
    """Wait for so many runs to end well; their states."""

    def enough() -> list[str]:
        states = airflow.states(dag, kind)
        assert "failed" not in states, airflow.evidence(dag)
        return states if len(states) >= count and set(states) == {"success"} else []

    return until(f"{count} runs of {dag}", enough, within, lambda: airflow.evidence(dag))
