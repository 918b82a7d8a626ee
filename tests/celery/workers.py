"""Airflow 3 with CeleryExecutor and two workers, each of which can be killed with all that it runs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from floodmark.demo.servers.airflow import Airflow, Part

CONCURRENCY = 2
SETTINGS = {
    "CORE__EXECUTOR": "CeleryExecutor",
    "CELERY__WORKER_CONCURRENCY": str(CONCURRENCY),
    "CELERY__SYNC_PARALLELISM": "1",
    "CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "3600",
    "WORKERS__EXECUTION_API_RETRIES": "8",
    # What a killed worker ran, or had fetched and not begun, is given to another soon.
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "SCHEDULER__TASK_QUEUED_TIMEOUT": "40",
    "SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
    "SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "20",
    "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
    "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "2",
    "DAG_PROCESSOR__REFRESH_INTERVAL": "2",
}


class CeleryAirflow(Airflow):
    """Its work is given out by Redis at ``broker``; what became of it comes back by the metadata's database."""

    def __init__(self, *, broker: str, folder: Path, database: str, dags: Path, variables: Mapping[str, str]) -> None:
        self._broker = broker
        super().__init__(folder=folder, database=database, dags=dags, variables=variables)
        self.workers = {name: Worker(name, folder, self.variables) for name in ("one", "two")}

    def _settings(self, database: str, dags: Path) -> dict[str, str]:
        own = {"CELERY__BROKER_URL": self._broker, "CELERY__RESULT_BACKEND": f"db+{database}", **SETTINGS}
        return super()._settings(database, dags) | {f"AIRFLOW__{name}": value for name, value in own.items()}

    def stop(self) -> None:
        """End the workers, then the rest."""
        for worker in self.workers.values():
            worker.kill()
        super().stop()


class Worker(Part):
    """One worker of Celery's; its tasks are processes below it."""

    def __init__(self, name: str, folder: Path, variables: Mapping[str, str]) -> None:
        words = ["--celery-hostname", f"{name}@%h", "--skip-serve-logs", "--without-gossip", "--without-mingle"]
        super().__init__(["celery", "worker", *words], folder, variables)
        self.name, self.log = f"Celery's worker {name}", folder / f"worker-{name}.log"

    def runs(self, pid: int) -> bool:
        """Whether a process is one of its own."""
        return self._process is not None and self._process.pid in _line(pid)

    def kill(self) -> None:
        """SIGKILL to it and to all below it, tasks and those who watch over them."""
        if self._process is None:
            return
        for _ in range(3):  # one may be forked meanwhile
            for pid in _below(self._process.pid):
                _kill(pid)
            time.sleep(0.05)
        self._process.wait()
        self.stop()


def _line(pid: int) -> list[int]:
    """A process, its parent, and so on."""
    line = []
    while pid > 1:
        line.append(pid)
        pid = _parents().get(pid, 0)
    return line


def _below(root: int) -> list[int]:
    parents = _parents()
    found, new = [root], [root]
    while new:
        new = [pid for pid, parent in parents.items() if parent in new]
        found += new
    return found


def _parents() -> dict[int, int]:
    """The parent of each living process, from ``/proc/PID/stat``."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return parents


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
