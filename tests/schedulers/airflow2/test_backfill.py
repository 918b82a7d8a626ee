"""Backfills as users of Airflow 2 type them."""

from __future__ import annotations

import json

import pytest

from tests.schedulers.airflow2.conftest import Airflow
from tests.schedulers.shop import HOURS, Shop, iso

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]
ORDERS = json.dumps({"tables": ["orders"]})


def test_hours_flow_and_again_over_the_same_hours_without_a_difference(airflow: Airflow, shop: Shop):
    shop.create()
    airflow("dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), shop.name)
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []
    before, current = shop.raw("orders"), shop.current("orders")

    airflow(
        "dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), "-B", "--reset-dagruns", "-y", "-c", ORDERS, shop.name
    )
    assert sum(shop.raw("orders").values()) == 2 * sum(before.values())
    assert shop.current("orders") == current
    assert shop.differences() == []


def test_one_table_alone_is_backfilled_and_its_statement_is_shown(airflow: Airflow, shop: Shop):
    shop.create()
    airflow("dags", "backfill", "-s", iso(1), "-e", iso(1), "-c", ORDERS, shop.name)
    assert shop.current("orders") == shop.source("orders")  # with its unread day
    assert shop.reads("items") == ()
    # Of a run that is there, its own interval; of none, the hour before the date.
    shown = airflow("tasks", "render", shop.name, "orders.extract", iso(1))
    assert ">= '2026-11-02 10:00:00+00:00' AND " in shown
    assert "< '2026-11-02 11:00:00+00:00'" in shown
