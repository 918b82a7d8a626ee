"""Twelve tables of MySQL, as an application's framework makes them, hour by hour beside their writers; a kill."""

from __future__ import annotations

import pytest

from floodmark.demo.servers.airflow import Part
from tests.schedulers.airflow2.conftest import Airflow, ended, kill
from tests.schedulers.framework.life import Hands, live
from tests.schedulers.framework.shop import FrameworkShop

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]


def test_a_shop_of_twelve_tables_is_its_source_though_the_scheduler_is_killed_over_an_hours_end(
    airflow: Airflow, framework_shop: FrameworkShop, scheduler: Part
):
    live(framework_shop, Hands(
        command=airflow, trigger=lambda dag, _: airflow("dags", "trigger", dag),
        begin=lambda _: scheduler.start(), kill=lambda: kill(scheduler), start=scheduler.start,
        over=lambda dag: len(airflow.runs.over(dag, "scheduled")),
        ended=lambda dag, kind, count: ended(airflow, dag, count, kind, within=900), evidence=airflow.evidence,
    ))  # fmt: skip
