"""Many slices backfilled beside the running DAG and live writers, a reload and a killed scheduler on the way.

``BACKFILL_SLICES`` is how many: 48 by default.
"""

from __future__ import annotations

import json

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.end import now
from tests.schedulers.long_backfill import SLICES, TIMEOUT, LongBackfill
from tests.schedulers.source import until
from tests.schedulers.traffic import Traffic

pytestmark = [pytest.mark.long, pytest.mark.timeout(2 * TIMEOUT + 600)]

AT_ONCE = 4
"""Runs of the backfill at once: each table is read by one of them at a time."""


def test_a_long_backfill_beside_the_running_dag_ends_with_current_as_the_source(
    airflow: Schedulers, long_backfill: LongBackfill
):
    shop, runs = long_backfill.shop, airflow.runs_of
    long_backfill.create()
    dags = (long_backfill.dag, f"{long_backfill.dag}__reload")

    def evidence() -> str:
        return runs.told(*dags) + airflow.evidence(long_backfill.dag)

    airflow.unpause(dags[1])
    first, last = long_backfill.dates
    typed = now()
    with Traffic(shop) as traffic:
        airflow.command(
            "backfill", "create", "--dag-id", long_backfill.dag, "--from-date", first, "--to-date", last,
            "--reprocess-behavior", "completed", "--max-active-runs", str(AT_ONCE),
        )  # fmt: skip
        assert len(runs.of(long_backfill.dag, "backfill")) == SLICES
        airflow.unpause(long_backfill.dag)  # the newest slice, and every slice's end from now on
        long_backfill.reach(1 / 3, runs, traffic, evidence)
        airflow.kill_scheduler()
        assert len(runs.over(long_backfill.dag, "backfill")) < SLICES, "killed in the middle"
        airflow.server.scheduler.start()
        long_backfill.reach(3 / 5, runs, traffic, evidence)
        airflow.command("dags", "trigger", dags[1], "--conf", json.dumps({"tables": ["orders"]}))
        until("the reload", lambda: runs.ended_well(dags[1], "manual"), 300, evidence)
        assert len(runs.over(long_backfill.dag, "backfill")) < SLICES, "reloaded in the middle"
        long_backfill.reach(1, runs, traffic, evidence)
    long_backfill.holds(runs, traffic, typed, evidence)
