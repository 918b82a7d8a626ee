"""A source with one table, and a run of it as Airflow does it: two tasks, each retried, each a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psycopg2

from floodmark.adapters.ledger import open_ledger
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ports import Ledger
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import Database, GoogleServers
from tests.conftest import Datasets
from tests.crash.step import Task, work

HOUR = Interval(low=datetime(2026, 11, 1, tzinfo=UTC), high=datetime(2026, 11, 1, 1, tzinfo=UTC))
ROWS = 5
TRIES = 3
PATIENCE = 60.0
"""Seconds after which a process that should have ended is killed, and the test fails."""
TIME_TO_LIVE = timedelta(seconds=1)

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.crash.step"])


@dataclass
class Shop:
    """One place of a kind of ledger."""

    database: Database
    google: GoogleServers
    datasets: Datasets
    bucket: str
    folder: Path
    ledger_kind: str
    read_at: str = ""
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.address = (
            f"gs://{self.bucket}/ledger" if self.ledger_kind == "gs" else f"sqlite:///{self.folder}/ledger.db"
        )
        self.target = f"{self.datasets.project}.{self.datasets.current}.orders"
        self.ledger = open_ledger(self.address, storage=self.google.storage_client())
        self.fill()

    def fill(self) -> None:
        """Make the table, with rows in one slice."""
        with psycopg2.connect(self.database.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz NOT NULL);"
                "INSERT INTO orders SELECT g, 'note ' || g, '2026-11-01T00:10Z' FROM generate_series(1, %s) g",
                (ROWS,),
            )
        connection.close()

    def task(self, step: str) -> Task:
        """An unbroken try of a step."""
        text = f"""
            version: 1
            source: shop
            connection: shop_db
            stage: gs://{self.bucket}/stage
            ledger: {self.address}
            bigquery: {{project: {self.datasets.project}, location: EU, dataset: {self.datasets.current}}}
            start: 2026-11-01
            defaults: {{settle: 0s, first_load: slices}}
            tables: {{orders: }}
        """
        return Task(
            environ=self.google.variables(),
            text=text,
            dsn=self.database.dsn,
            interval=HOUR,
            time_to_live=TIME_TO_LIVE,
            step=step,
            read_at=self.read_at,
        )

    @contextmanager
    def process(self, task: Task) -> Iterator[BaseProcess]:
        """A try under way. Whatever becomes of it, no process is left."""
        self.answer.unlink(missing_ok=True)
        child = _FORKS.Process(target=work, args=(task, str(self.answer)), daemon=True)
        child.start()
        try:
            yield child
        finally:
            child.kill()  # SIGKILL ends a stopped process too
            child.join(PATIENCE)
            child.close()

    @property
    def answer(self) -> Path:
        """What the last try reported."""
        return self.folder / "answer"

    def try_once(self, task: Task) -> int:
        """Its exit code; minus the signal that killed it."""
        with self.process(task) as child:
            return self.ended(child)

    def ended(self, child: BaseProcess) -> int:
        """Its exit code, in a bounded time."""
        child.join(PATIENCE)
        assert child.exitcode is not None, "a try never ended"
        return child.exitcode

    def retried(self, step: str) -> None:
        """The same task again until it succeeds, as Airflow does; ``read_at`` is what extract reported."""
        codes = []
        for _ in range(TRIES):
            codes.append(self.try_once(self.task(step)))
            if codes[-1] == 0:
                self.read_at = self.answer.read_text(encoding="utf-8") if step == "extract" else self.read_at
                return
        raise AssertionError(f"{step} failed {TRIES} times: {codes}")

    def broken(self, step: str, fatal: int, how: str) -> Task:
        """A try that ends, or stops, at a write."""
        return replace(self.task(step), fatal=fatal, how=how)

    def head(self) -> Head:
        """What the ledger says now."""
        return self.ledger.head(self.target)

    def reads(self) -> list[Read]:
        """Its closed reads."""
        return list(self.ledger.reads(self.target))

    def rows(self, dataset: str, columns: str) -> list[tuple[Any, ...]]:
        """A table of the warehouse."""
        query = f"SELECT {columns} FROM `{dataset}.orders` ORDER BY {columns}"
        client = self.google.bigquery_client()
        return [tuple(row.values()) for row in client.query(query, location="EU").result()]

    def source(self) -> list[tuple[Any, ...]]:
        """The table of the source."""
        with psycopg2.connect(self.database.dsn) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id, note, updated_at FROM orders ORDER BY id")
            found = cursor.fetchall()
        connection.close()
        return found

    def close(self) -> None:
        """Give back what is open."""
        self.ledger.close()


def wait_until_stopped(pid: int) -> None:
    """Until SIGSTOP has stopped it; it isn't our child but the fork server's, so nobody tells us."""
    deadline = time.monotonic() + PATIENCE
    while (state := _state(pid)) != "T":
        assert state, f"process {pid} is gone"
        assert time.monotonic() < deadline, f"process {pid} never stopped: {state}"
        time.sleep(0.01)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def wake(pid: int) -> None:
    """Let a stopped process go on."""
    os.kill(pid, signal.SIGCONT)
