"""Many slices backfilled beside the running DAG and live writers, with a reload and a killed command on the way.

``BACKFILL_SLICES`` is how many: 48 by default.
"""

from __future__ import annotations

import json

import pytest

from floodmark.demo.servers.airflow import Part
from tests.schedulers.airflow2.conftest import Airflow, kill
from tests.schedulers.end import now
from tests.schedulers.long_backfill import SLICES, TIMEOUT, LongBackfill
from tests.schedulers.source import until
from tests.schedulers.traffic import Traffic

pytestmark = [pytest.mark.long, pytest.mark.timeout(2 * TIMEOUT + 600)]


def test_a_long_backfill_beside_the_running_dag_ends_with_current_as_the_source(
    airflow: Airflow, long_backfill: LongBackfill, scheduler: Part
):
    shop, runs = long_backfill.shop, airflow.runs
    long_backfill.create()
    dags = (long_backfill.dag, f"{long_backfill.dag}__reload")

    def evidence() -> str:
        return runs.told(*dags) + airflow.evidence(long_backfill.dag)

    first, last = long_backfill.dates
    backfill = airflow.part("dags", "backfill", "-s", first, "-e", last, long_backfill.dag)
    backfill.start_within = TIMEOUT
    typed = now()
    with Traffic(shop) as traffic:
        backfill.begin()
        try:
            until("the backfill's first runs", lambda: runs.of(long_backfill.dag, "backfill"), 120, evidence)
            scheduler.start()
            long_backfill.reach(1 / 3, runs, traffic, evidence)
            kill(backfill)
            assert len(runs.over(long_backfill.dag, "backfill")) < SLICES, "killed in the middle"
            airflow.free(long_backfill.dag)
            backfill.begin()
            long_backfill.reach(3 / 5, runs, traffic, evidence)
            airflow("dags", "trigger", dags[1], "--conf", json.dumps({"tables": ["orders"]}))
            until("the reload", lambda: runs.ended_well(dags[1], "manual"), 300, evidence)
            assert len(runs.over(long_backfill.dag, "backfill")) < SLICES, "reloaded in the middle"
            backfill.finish()
        finally:
            backfill.stop()
        long_backfill.reach(1, runs, traffic, evidence)
    long_backfill.holds(runs, traffic, typed, evidence)
