"""What the tasks of one DAG share, and how one of them is called in the ledger."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from floodmark.core.config import SourceConfig
from floodmark.core.read import Kind
from floodmark.core.table_config import TableConfig

Context = Mapping[str, Any]
"""Airflow's context of a task: a dict on 3, a mapping of its own on 2."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """A source, the file that it comes from, and why this DAG reads it.

    ``kind`` is slice (refresh, where a table has no cursor) or reload. ``cadence`` is the DAG's.
    """

    config: SourceConfig
    file: Path
    cadence: timedelta
    kind: Kind = Kind.SLICE

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
    clears have one name, by which a retry knows what is done (R16).
    """
    ti = context["ti"]
    first = (ti.max_tries or 0) - (context["task"].retries or 0) + 1
    return f"{ti.dag_id}/{ti.run_id}" + (f"#{first}" if first > 1 else "")
