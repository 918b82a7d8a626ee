"""A month's backfill beside the running DAGs and a live workload, with a reload and a killed scheduler in its middle.

``MONTH_DAYS`` is how many days it has: 30 by default.
"""

from __future__ import annotations

import json

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.end import now
from tests.schedulers.month import DAYS, TIMEOUT, Month
from tests.schedulers.shop import until
from tests.schedulers.traffic import Traffic

pytestmark = [pytest.mark.long, pytest.mark.timeout(2 * TIMEOUT + 600)]

AT_ONCE = 4
"""Runs of the backfill at once: each table is read by one of them at a time."""


def test_a_months_backfill_beside_the_running_dags_ends_with_current_as_the_source(airflow: Schedulers, month: Month):
    shop, runs = month.shop, airflow.runs_of
    month.create()
    dags = (month.hourly, month.live, f"{month.hourly}__reload")

    def evidence() -> str:
        return runs.told(*dags) + airflow.evidence(month.hourly)

    for dag in dags[1:]:
        airflow.unpause(dag)
    first, last = month.dates
    typed = now()
    with Traffic(shop) as traffic:
        airflow.command(
            "backfill", "create", "--dag-id", month.hourly, "--from-date", first, "--to-date", last,
            "--reprocess-behavior", "completed", "--max-active-runs", str(AT_ONCE),
        )  # fmt: skip
        assert len(runs.of(month.hourly, "backfill")) == 24 * DAYS
        airflow.unpause(month.hourly)  # the newest hour, and every hour's end from now on
        month.reach(1 / 3, runs, traffic, evidence)
        airflow.kill_scheduler()
        assert len(runs.over(month.hourly, "backfill")) < 24 * DAYS, "killed in the middle"
        airflow.server.scheduler.start()
        month.reach(3 / 5, runs, traffic, evidence)
        airflow.command("dags", "trigger", dags[2], "--conf", json.dumps({"tables": ["orders"]}))
        until("the reload", lambda: runs.ended_well(dags[2], "manual"), 300, evidence)
        assert len(runs.over(month.hourly, "backfill")) < 24 * DAYS, "reloaded in the middle"
        month.reach(1, runs, traffic, evidence)
    month.holds(runs, traffic, typed, evidence)
