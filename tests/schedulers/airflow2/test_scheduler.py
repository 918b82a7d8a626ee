"""A real scheduler of Airflow 2: the hours that it missed, one by one or as one, and a reload on demand."""

from __future__ import annotations

import json

import pytest

from floodmark.demo.servers.airflow import Part
from tests.schedulers.airflow2.conftest import Airflow, ended, kill
from tests.schedulers.outage import Outage
from tests.schedulers.shop import HOURS, Shop
from tests.schedulers.source import until
from tests.schedulers.traffic import Traffic

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def test_missed_hours_are_done_one_by_one_also_when_the_scheduler_is_killed_in_the_middle(
    airflow: Airflow, recent: Shop, scheduler: Part
):
    recent.create(catchup=True)
    scheduler.start()
    until("a read", lambda: recent.head("orders").open, 90, lambda: airflow.evidence(recent.name), every=0.005)
    kill(scheduler)
    assert set(airflow.states(recent.name)) != {"success"}
    scheduler.start()
    ended(airflow, recent.name, HOURS)
    assert recent.current("orders") == recent.source("orders")
    assert recent.differences() == []


def test_missed_hours_are_done_as_one_and_a_table_is_reloaded_on_demand(
    airflow: Airflow, recent: Shop, scheduler: Part
):
    recent.create(catchup="span")
    scheduler.start()
    assert len(ended(airflow, recent.name, 1)) < HOURS
    assert recent.current("orders") == recent.source("orders")
    assert recent.differences() == []
    recent.sql(f"DELETE FROM {recent.name}.orders WHERE id < 10")  # which no slice can see
    airflow("dags", "trigger", f"{recent.name}__reload", "--conf", json.dumps({"tables": ["orders"]}))
    ended(airflow, f"{recent.name}__reload", 1)
    assert recent.current("orders") == recent.source("orders")


def test_after_an_outage_each_missed_run_is_done_or_all_that_was_missed_by_one(
    airflow: Airflow, shop: Shop, another: Shop, scheduler: Part
):
    outage = Outage.of(shop, another, airflow.runs)

    def evidence() -> str:
        return airflow.runs.told(shop.name, another.name) + airflow.evidence(shop.name)

    outage.create()
    with Traffic(outage.each), Traffic(outage.span):
        scheduler.start()
        outage.ran(evidence)
        kill(scheduler)
        outage.lasts()
        scheduler.start()
    outage.overcome(evidence)
