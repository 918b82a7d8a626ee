"""After an outage the scheduler does what it missed: run by run, or as one; and goes on after another."""

from __future__ import annotations

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.outage import Outage
from tests.schedulers.shop import HOURS, Shop
from tests.schedulers.source import until
from tests.schedulers.traffic import Traffic

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def test_missed_hours_are_done_one_by_one_also_when_the_scheduler_is_killed_in_the_middle(
    airflow: Schedulers, recent: Shop
):
    airflow.adopt(recent, catchup=True)
    until("a read", lambda: recent.head("orders").open, 90, lambda: airflow.evidence(recent.name), every=0.005)
    airflow.kill_scheduler()
    assert not all(run.ended for run in airflow.runs(recent.name, "scheduled"))
    airflow.server.scheduler.start()
    runs = airflow.ended(recent.name, "scheduled", HOURS, within=170)
    assert runs[0].interval.low == recent.start
    assert recent.current("orders") == recent.source("orders")
    assert recent.differences() == []


def test_missed_hours_are_done_as_one_by_the_newest_run(airflow: Schedulers, recent: Shop):
    airflow.adopt(recent, catchup="span")
    runs = airflow.ended(recent.name, "scheduled", 1)
    assert len(runs) < HOURS
    assert recent.current("orders") == recent.source("orders")
    assert recent.differences() == []


def test_after_an_outage_each_missed_run_is_done_or_all_that_was_missed_by_one(
    airflow: Schedulers, shop: Shop, another: Shop
):
    outage = Outage.of(shop, another, airflow.runs_of)

    def evidence() -> str:
        return airflow.runs_of.told(shop.name, another.name) + airflow.evidence(shop.name)

    outage.create()
    with Traffic(outage.each), Traffic(outage.span):
        airflow.unpause(shop.name)
        airflow.unpause(another.name)
        outage.ran(evidence)
        airflow.kill_scheduler()
        outage.lasts()
        airflow.server.scheduler.start()
    outage.overcome(evidence)
