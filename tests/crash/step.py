"""One Airflow task as a process of its own, which may kill or stop itself at one of its writes.

``work`` is run by :mod:`multiprocessing`'s fork server, which has imported all this before and holds no connection.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from google.cloud import bigquery, storage

from floodmark.adapters.arrow import rows as arrow_rows
from floodmark.adapters.bigquery import warehouse as bigquery_adapter
from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.mysql import opening as mysql_opening
from floodmark.adapters.postgres import opening as postgres_opening
from floodmark.adapters.stage import gcs
from floodmark.core.config.source_file import parse
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.errors import LeaseLost
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, TableRun, closing
from floodmark.pipeline.wiring import ports
from tests.fakes.fuse import Fuse, guarded

IMPORTED = (bigquery, storage, arrow_rows, bigquery_adapter, gcs, mysql_opening, postgres_opening)
"""What a step imports only when it needs it is imported once, before the fork."""

LOST = 3
"""A step's exit code once it lost its lease."""

NEVER = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a process is told. ``step`` is extract or load; ``how`` is before, after or stop."""

    environ: Mapping[str, str] = field(repr=False)
    text: str
    dsn: str
    interval: Interval
    time_to_live: timedelta
    step: str = "extract"
    read_at: str = ""
    fatal: int = NEVER
    how: str = "before"


def work(task: Task, answer: str) -> None:
    """Do the task; ``answer`` is a file for the ``read_at`` of what it staged, as XCom."""
    os.environ.update(task.environ)
    config = parse(task.text, "shop.yml", {})
    with closing(ports(config, LocalConnections(os.environ, dsns={"shop_db": task.dsn}))) as wired:
        run = TableRun(
            config=config, table=config.tables["orders"], ports=wired, holder=f"pid {os.getpid()}", file="shop.yml"
        )
        step = guarded(run, fuse(task), time_to_live=task.time_to_live)
        try:
            found = load(step, task.read_at) if task.step == "load" else extract(step, ask(task))
        except LeaseLost as lost:
            print(lost, file=sys.stderr)
            sys.exit(LOST)
    with open(answer, "w", encoding="utf-8") as file:
        file.write(found.read_at)


def ask(task: Task) -> Request:
    """The same run at every try."""
    return Request(kind=Kind.SLICE, run_id="the run", interval=task.interval)


def fuse(task: Task) -> Fuse:
    """SIGKILL, or SIGSTOP, to oneself: the parent can't miss the moment."""
    number = signal.SIGSTOP if task.how == "stop" else signal.SIGKILL

    def blow() -> None:
        os.kill(os.getpid(), number)

    return Fuse(task.fatal, after=task.how == "after", blow=blow)
