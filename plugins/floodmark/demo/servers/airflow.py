"""Airflow on this machine: its API server, scheduler and DAG processor as children, its metadata in PostgreSQL."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from floodmark.demo.servers.google import fetch
from floodmark.demo.servers.process import HOST, Server, free_port
from floodmark.demo.servers.sessions import Session

USER = "admin"
GRACE = 5.0
"""Seconds from TERM to KILL: nothing of what these processes keep outlives the demo."""
MARGIN = 1.0
"""Seconds that the keeper has to kill what is left."""
PARALLELISM = 6


class Part(Server):
    """One of Airflow's programs, ``airflow <command>``; it and its children run in a session of their own."""

    start_within = 120.0
    death_signal = signal.SIGTERM  # to its keeper, which ends its children too

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        variables: Mapping[str, str],
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(log=folder / f"{command[0]}.log")
        self.name = f"Airflow's {command[0]}"
        self._command, self._folder, self._variables, self._ready = command, folder, variables, ready

    def begin(self) -> None:
        """Launch it, without waiting."""
        program = [sys.executable, "-m", "airflow", *self._command]
        words = [sys.executable, "-m", "floodmark.demo.servers.keeper", str(GRACE), *program]
        self.launch(words, variables=self._variables, cwd=self._folder)

    def probe(self) -> None:
        """Ask whether it serves."""
        self._ready()

    def finish(self) -> None:
        """Wait for a command that ends by itself. Raises ServerFailed if it ends badly, or not within its time."""
        try:
            code = self._running().wait(self.start_within)
        except subprocess.TimeoutExpired:
            raise self.failed(f"it did not end within {self.start_within:.0f} s") from None
        if code != 0:
            raise self.failed(f"it ended with {code}")

    def check(self) -> None:
        """Raises ServerFailed if it has ended by itself."""
        if (code := self._running().poll()) is not None:
            raise self.failed(f"it ended with {code}")

    def terminate(self) -> Session:
        """Ask it to end, without waiting."""
        if self._process is None:
            return Session(leader=None)
        if self._process.poll() is None:
            self._process.terminate()
        return Session(leader=self._process.pid)

    def stop(self) -> None:
        """End it and all its children."""
        self.terminate().end(time.monotonic() + GRACE + MARGIN)
        super().stop()


class Airflow:
    """Airflow in ``folder``, its metadata at ``database`` (a SQLAlchemy URL), its DAGs in ``dags``.

    ``variables`` are for tasks: connections, and what the DAGs' files refer to. Start it from the main thread.
    """

    def __init__(self, *, folder: Path, database: str, dags: Path, variables: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.password = secrets.token_urlsafe(9)
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.variables = {**variables, **self._settings(database, dags)}
        passwords = folder / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({USER: self.password}), encoding="utf-8")
        own = self.variables
        self._migration = Part(["db", "migrate"], folder, own)
        self._parts = [
            Part(["api-server", "--workers", "1"], folder, own, self._answers),
            Part(["scheduler", "--skip-serve-logs"], folder, own, lambda: self._beats("scheduler")),
            Part(["dag-processor"], folder, own, lambda: self._beats("dag_processor")),
        ]

    def _settings(self, database: str, dags: Path) -> dict[str, str]:
        settings = {
            "CORE__DAGS_FOLDER": str(dags),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": str(PARALLELISM),
            "CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.folder / "passwords.json"),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "DATABASE__SQL_ALCHEMY_CONN": database,
            "API__HOST": HOST,
            "API__PORT": str(self.port),
            "API__BASE_URL": self.url,
            "API__SECRET_KEY": secrets.token_hex(16),
            "API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "LOGGING__BASE_LOG_FOLDER": str(self.folder / "logs"),
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        # Only this machine is spoken to.
        plain = {"AIRFLOW_HOME": str(self.folder), "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "NO_PROXY": HOST}
        return plain | {f"AIRFLOW__{name}": value for name, value in settings.items()}

    def begin(self) -> None:
        """Begin to make the metadata's tables; :meth:`start` waits for them."""
        self._migration.begin()

    def start(self) -> Self:
        """Start all parts once the metadata's tables are there; they answer when this returns.

        Raises ServerFailed, with nothing left running.
        """
        try:
            self._migration.finish()
            for part in self._parts:
                part.begin()
            for part in self._parts:
                part.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End all parts and whatever they have started, side by side."""
        parts = [self._migration, *self._parts]
        deadline = time.monotonic() + GRACE + MARGIN
        for session in [part.terminate() for part in parts]:
            session.end(deadline)
        for part in parts:
            part.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def scheduler(self) -> Part:
        """The part that gives out the work."""
        return self._parts[1]

    def check(self) -> None:
        """Raises ServerFailed if a part has ended by itself."""
        for part in self._parts:
            part.check()

    def _answers(self) -> None:
        fetch(f"{self.url}/api/v2/monitor/health")

    def _beats(self, part: str) -> None:
        status = json.loads(fetch(f"{self.url}/api/v2/monitor/health"))[part]["status"]
        if status != "healthy":
            raise ConnectionError(f"the API server has seen no heartbeat of it: {status}")
