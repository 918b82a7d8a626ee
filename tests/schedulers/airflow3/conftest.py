"""Airflow 3 as it is deployed: API server, scheduler and DAG processor, its metadata in PostgreSQL.

Floodmark is hidden from the scheduler in every test (``tests/schedulers/site``).
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
from typing import Any

import pytest

import floodmark
from floodmark.demo.servers.airflow import USER, Airflow
from floodmark.demo.servers.airflow_client import AirflowClient, Run
from floodmark.demo.servers.all import Database, GoogleServers, PostgresServer, temporary_folder
from floodmark.demo.servers.sessions import Session
from tests.schedulers.runs import Runs
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

SITE = Path(__file__).parents[1] / "site"
SETTINGS = {
    # A killed scheduler's work is found and given out again soon; but not that of one which is only slow.
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "2",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
}


@dataclass(frozen=True, kw_only=True)
class Schedulers:
    """A running Airflow: its command line, its API, its database, its logs."""

    server: Airflow
    google: GoogleServers
    hidden: Path
    runs_of: Runs

    @property
    def client(self) -> AirflowClient:
        """Its API."""
        return AirflowClient(self.server.url, USER, self.server.password)

    @contextlib.contextmanager
    def begin(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """``airflow ...`` as it runs; ended at the end."""
        running = subprocess.Popen(
            [sys.executable, "-m", "airflow", *arguments],
            env={"PATH": os.environ["PATH"], **self.server.variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            yield running
        finally:
            running.kill()
            running.communicate()

    def command(self, *arguments: str, fails: bool = False) -> str:
        """Run ``airflow ...``; what it printed."""
        with self.begin(*arguments) as running:
            said, _ = running.communicate(timeout=170)
        assert (running.returncode != 0) == fails, said
        return said

    def adopt(self, shop: Shop, **keys: Any) -> None:
        """Create the shop, wait for its DAGs, and unpause them."""
        shop.create(**keys)
        self.unpause(shop.name)
        self.unpause(f"{shop.name}__reload")

    def unpause(self, dag: str) -> None:
        """Let a DAG run, once Airflow has parsed it."""

        def known() -> bool:
            with contextlib.suppress(KeyError):
                self.client.pause(dag, False)
                return True
            return False

        until(f"parsing {dag}", known, 180, self.evidence)

    def runs(self, dag: str, kind: str) -> list[Run]:
        """The runs of a kind."""
        return [run for run in self.client.runs(dag) if run.kind == kind]

    def ended(self, dag: str, kind: str, count: int, within: float = 150) -> list[Run]:
        """Wait for so many runs of a kind to end well; they, oldest first."""

        def enough() -> list[Run]:
            self.server.check()
            runs = self.runs(dag, kind)
            failed = [run.id for run in runs if run.state == "failed"]
            assert not failed, f"{failed}\n{self.evidence(dag)}"
            return runs if len(runs) >= count and all(run.ended for run in runs) else []

        return until(f"{count} {kind} runs of {dag}", enough, within, lambda: self.evidence(dag))

    def kill_scheduler(self) -> None:
        """SIGKILL to it and to all that it has started, tasks included."""
        for pid in list(Session(leader=self.server.scheduler.pid).members()):
            os.kill(pid, signal.SIGKILL)
        self.server.scheduler.stop()

    def asked_for_floodmark(self) -> list[str]:
        """What of Floodmark the running scheduler tried to import, and was refused."""
        lines = [line.split() for line in self.hidden.read_text().splitlines()]
        [scheduler] = {pid for pid, _ in lines} & set(map(str, Session(leader=self.server.scheduler.pid).members()))
        return [name for pid, name in lines if pid == scheduler and name != "hidden"]

    def ended_so_far(self, dag: str) -> list[str]:
        """The backfill runs that have ended."""
        return [run.id for run in self.runs(dag, "backfill") if run.ended]

    def evidence(self, dag: str = "") -> str:
        """The ends of the logs that tell most."""
        tasks = (self.server.folder / "logs" / f"dag_id={dag}").glob("**/*.log") if dag else iter(())
        newest = sorted(tasks, key=lambda path: path.stat().st_mtime)[-4:]
        parts = [self.server.folder / "scheduler.log", self.server.folder / "dag-processor.log"]
        return "\n".join(f"=== {path}\n{_end(path)}" for path in (*newest, *parts) if path.exists())


def _end(path: Path) -> str:
    return "\n".join(line[:500] for line in path.read_text(errors="replace").splitlines()[-15:])


@pytest.fixture(scope="session")
def home(postgres: PostgresServer) -> Iterator[Path]:
    """Airflow's folder; nothing in it is needed afterwards."""
    with temporary_folder() as folder:
        (folder / "dags" / "sources").mkdir(parents=True)
        yield folder


@pytest.fixture(scope="session")
def airflow(
    home: Path, postgres: PostgresServer, source_database: Database, google: GoogleServers
) -> Iterator[Schedulers]:
    """Running for the whole session."""
    metadata = postgres.create_database("airflow")
    url = metadata.dsn.replace("postgresql://", "postgresql+psycopg2://", 1)
    shop = source_database
    connection = {
        "conn_type": "postgres",
        "host": shop.host,
        "port": shop.port,
        "schema": shop.dbname,
        "login": shop.user,
    }
    hidden = home / "hidden.log"
    variables = google.variables() | SETTINGS | {
        "AIRFLOW_CONN_SHOP_DB": json.dumps(connection),
        "FLOODMARK_STATE": str(home / "state"),
        "FLOODMARK_HIDDEN": str(hidden),
        "PYTHONPATH": os.pathsep.join([str(SITE), str(Path(floodmark.__file__).parents[1])]),
    }  # fmt: skip
    server = Airflow(folder=home / "airflow", database=url, dags=home / "dags", variables=variables)
    server.begin()
    with server:
        yield Schedulers(server=server, google=google, hidden=hidden, runs_of=Runs(metadata=metadata))
