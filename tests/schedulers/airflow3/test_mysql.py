"""Twelve tables of MySQL, as an application's framework makes them, hour by hour beside their writers; a kill."""

from __future__ import annotations

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.framework.life import Hands, live
from tests.schedulers.framework.shop import FrameworkShop

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]


def test_a_shop_of_twelve_tables_is_its_source_though_the_scheduler_is_killed_over_an_hours_end(
    airflow: Schedulers, framework_shop: FrameworkShop
):
    def begin(dag: str) -> None:
        airflow.unpause(dag)
        airflow.client.pause(f"{dag}__reconcile", False)

    live(framework_shop, Hands(
        command=airflow.command, trigger=airflow.client.trigger, begin=begin,
        kill=airflow.kill_scheduler, start=airflow.server.scheduler.start,
        over=lambda dag: len(airflow.runs_of.over(dag, "scheduled")),
        ended=lambda dag, kind, count: airflow.ended(dag, kind, count, within=900), evidence=airflow.evidence,
    ))  # fmt: skip
