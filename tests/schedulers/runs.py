"""Runs of DAGs as Airflow's own database has them, on 2 and on 3 alike."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import psycopg2

from floodmark.demo.servers.all import Database

QUERY = """
SELECT run_id, state, data_interval_start, data_interval_end, start_date, end_date
FROM dag_run WHERE dag_id = %s AND run_type = %s ORDER BY data_interval_start, id
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run. ``began`` and ``ended`` are None before it did."""

    id: str
    state: str
    low: datetime
    high: datetime
    began: datetime | None
    ended: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.state in ("success", "failed")


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What an Airflow has run, or is about to."""

    metadata: Database

    def of(self, dag: str, kind: str) -> list[Run]:
        """The runs of a kind (scheduled, backfill, manual), oldest interval first."""
        with contextlib.closing(psycopg2.connect(self.metadata.dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(QUERY, (dag, kind))
            return [Run(id=id_, state=state, low=low, high=high, began=began, ended=ended)
                    for id_, state, low, high, began, ended in cursor.fetchall()]  # fmt: skip

    def over(self, dag: str, kind: str) -> list[Run]:
        """Those that have ended."""
        return [run for run in self.of(dag, kind) if run.over]

    def ended_well(self, dag: str, kind: str) -> list[Run]:
        """Those that have ended, and none badly."""
        over = self.over(dag, kind)
        assert not (failed := [run.id for run in over if run.state == "failed"]), f"{dag}: failed: {failed}"
        return over

    def told(self, *dags: str) -> str:
        """How many there are in each state, for messages."""
        found = [(dag, kind, Counter(run.state for run in self.of(dag, kind)))
                 for dag in dags for kind in ("scheduled", "backfill", "manual")]  # fmt: skip
        return "\n".join(f"{dag}: {kind}: {dict(states)}" for dag, kind, states in found if states)
