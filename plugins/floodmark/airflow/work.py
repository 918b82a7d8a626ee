"""What the tasks of one DAG share, and how one of them is called in the ledger."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from floodmark.adapters.local_airflow.document import Document
from floodmark.airflow.interval import run_type
from floodmark.core.command_line import OF_VARIABLE
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.requested import Requester
from floodmark.core.time.cadence import Cadence

Context = Mapping[str, Any]
"""Airflow's context of a task: a dict on 3, a mapping of its own on 2."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """A source, the file that it comes from, and why this DAG reads it.

    ``kind`` is slice (refresh, where a table has no cursor), reload or reconcile. ``cadence`` is the DAG's.
    ``document`` is the Variable's text where the source comes from one, ``gate`` the task that keeps it for the run.
    """

    config: SourceConfig
    file: Path
    cadence: Cadence
    kind: Kind = Kind.SLICE
    document: Document | None = None
    gate: str = ""

    @property
    def named(self) -> str:
        """How a command line names the source, where not by its own name."""
        return f"{OF_VARIABLE}{self.document.variable}" if self.document else ""

    def table(self, name: str) -> TableConfig:
        """One table of the source."""
        return self.config.tables[name]


def chosen(tables: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Those of ``tables`` that the run's param ``tables`` names. The same for every kind of run."""
    asked = context["params"]["tables"]
    return tuple(name for name in tables if name in asked)


def holder(context: Context) -> str:
    """``dag_id/run_id/task_id/try@host:pid``: who holds a lease, for those who wait for it."""
    ti = context["ti"]
    return f"{ti.dag_id}/{ti.run_id}/{ti.task_id}/{ti.try_number}@{socket.gethostname()}:{os.getpid()}"


def run_id(context: Context) -> str:
    """``dag_id/run_id``: whose read it is. A cleared task asks anew, so it has ``#N`` behind it, N being its first try.

    Clearing sets ``max_tries`` to the tries so far and those allowed again, on both Airflows; so all tries between two
    clears have one name, by which a retry knows its own read (R16).
    """
    ti, first = context["ti"], _first_try(context)
    return f"{ti.dag_id}/{ti.run_id}" + (f"#{first}" if first > 1 else "")


def requester(context: Context) -> Requester:
    """Who wants this run's interval. What is cleared is asked for by a person, unless a backfill cleared it."""
    kind = run_type(context["dag_run"])
    if kind.startswith("backfill"):
        return Requester.BACKFILL
    return Requester.SCHEDULE if kind == "scheduled" and not cleared(context) else Requester.PERSON


def cleared(context: Context) -> bool:
    """Whether somebody cleared the task: what it did before is to be done again."""
    return _first_try(context) > 1


def retried_since(context: Context) -> datetime | None:
    """None on a task's first try; on a retry, a moment before all its tries: when its run began.

    A run that was deleted and made again has the same ``run_id``: what the former one read is not this one's.
    """
    if context["ti"].try_number <= _first_try(context):
        return None
    return context["dag_run"].start_date or datetime.min.replace(tzinfo=UTC)


def _first_try(context: Context) -> int:
    """The number of the first try since the task was cleared last."""
    return (context["ti"].max_tries or 0) - (context["task"].retries or 0) + 1
