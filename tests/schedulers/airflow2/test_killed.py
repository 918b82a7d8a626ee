"""SIGKILL of a backfill's command, or of the scheduler, with all that it runs; then what the documentation says."""

from __future__ import annotations

import json

import pytest

from floodmark.demo.servers.airflow import Part
from floodmark.errors import ServerFailed
from tests.schedulers.airflow2.conftest import Airflow, ended, kill
from tests.schedulers.shop import HOURS, Shop, iso
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]


def test_a_backfill_killed_with_its_tasks_is_finished_when_they_are_freed_and_it_is_typed_again(
    airflow: Airflow, shop: Shop
):
    shop.create()
    backfill = airflow.part("dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), shop.name)
    backfill.begin()
    until("a read", lambda: shop.head("orders").open, 90, lambda: airflow.evidence(shop.name), every=0.005)
    kill(backfill)
    assert len(airflow.runs.over(shop.name, "backfill")) < HOURS, "killed in the middle"

    backfill.begin()
    with pytest.raises(ServerFailed, match="deadlocked"):  # by itself Airflow does the rest, and gives up on these
        backfill.finish()
    backfill.stop()
    airflow.free(shop.name)
    backfill.begin()
    backfill.finish()
    assert len(airflow.runs.ended_well(shop.name, "backfill")) == HOURS
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []


def test_a_reload_whose_scheduler_is_killed_with_its_tasks_is_finished_by_the_next(
    airflow: Airflow, shop: Shop, scheduler: Part
):
    shop.create()
    scheduler.start()
    ended(airflow, shop.name, 1)
    reload = f"{shop.name}__reload"
    airflow("dags", "trigger", reload, "--conf", json.dumps({"tables": ["orders"]}))
    until("a read", lambda: shop.head("orders").open, 90, lambda: airflow.evidence(reload), every=0.005)
    kill(scheduler)
    assert airflow.states(reload) == ["running"], "killed in the middle"
    scheduler.start()
    ended(airflow, reload, 1)
    assert shop.current("orders") == shop.source("orders")
    shop.raw("orders")  # no read is in it twice
