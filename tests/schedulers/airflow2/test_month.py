"""A month's backfill beside the running DAGs and a live workload, with a reload and a killed command in its middle.

``MONTH_DAYS`` is how many days it has: 30 by default.
"""

from __future__ import annotations

import json

import pytest

from floodmark.demo.servers.airflow import Part
from tests.schedulers.airflow2.conftest import Airflow, kill
from tests.schedulers.end import now
from tests.schedulers.month import DAYS, TIMEOUT, Month
from tests.schedulers.shop import until
from tests.schedulers.traffic import Traffic

pytestmark = [pytest.mark.long, pytest.mark.timeout(2 * TIMEOUT + 600)]


def test_a_months_backfill_beside_the_running_dags_ends_with_current_as_the_source(
    airflow: Airflow, month: Month, scheduler: Part
):
    shop, runs = month.shop, airflow.runs
    month.create()
    dags = (month.hourly, month.live, f"{month.hourly}__reload")

    def evidence() -> str:
        return runs.told(*dags) + airflow.evidence(month.hourly)

    first, last = month.dates
    backfill = airflow.part("dags", "backfill", "-s", first, "-e", last, month.hourly)
    backfill.start_within = TIMEOUT
    typed = now()
    with Traffic(shop) as traffic:
        backfill.begin()
        try:
            until("the backfill's first runs", lambda: runs.of(month.hourly, "backfill"), 120, evidence)
            scheduler.start()
            month.reach(1 / 3, runs, traffic, evidence)
            kill(backfill)
            assert len(runs.over(month.hourly, "backfill")) < 24 * DAYS, "killed in the middle"
            airflow.free(month.hourly)
            backfill.begin()
            month.reach(3 / 5, runs, traffic, evidence)
            airflow("dags", "trigger", dags[2], "--conf", json.dumps({"tables": ["orders"]}))
            until("the reload", lambda: runs.ended_well(dags[2], "manual"), 300, evidence)
            assert len(runs.over(month.hourly, "backfill")) < 24 * DAYS, "reloaded in the middle"
            backfill.finish()
        finally:
            backfill.stop()
        month.reach(1, runs, traffic, evidence)
    month.holds(runs, traffic, typed, evidence)
