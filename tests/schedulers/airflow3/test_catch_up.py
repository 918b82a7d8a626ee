"""After an outage the scheduler does what it missed: run by run, or as one; and goes on after another."""

from __future__ import annotations

import json

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import HOURS, Shop, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]


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


def test_a_reload_whose_scheduler_is_killed_with_its_tasks_is_finished_by_the_next(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    airflow.ended(shop.name, "scheduled", 1)
    airflow.command("dags", "trigger", f"{shop.name}__reload", "--conf", json.dumps({"tables": ["orders"]}))
    until("a read", lambda: shop.head("orders").open, 90, lambda: airflow.evidence(shop.name), every=0.005)
    airflow.kill_scheduler()
    airflow.server.scheduler.start()
    airflow.ended(f"{shop.name}__reload", "manual", 1, within=170)
    assert shop.current("orders") == shop.source("orders")
    shop.raw("orders")  # no read is in it twice
