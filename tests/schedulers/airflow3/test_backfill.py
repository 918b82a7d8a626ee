"""Backfills by Airflow's own command, and a reload, done by a real scheduler."""

from __future__ import annotations

import json

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import HOURS, START, Shop, iso

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]
ORDERS = json.dumps({"tables": ["orders"]})


def test_hours_flow_in_their_own_intervals(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    span = ["--from-date", iso(0), "--to-date", iso(HOURS - 1)]
    airflow.command("backfill", "create", "--dag-id", shop.name, *span, "--reprocess-behavior", "completed")
    runs = airflow.ended(shop.name, "backfill", HOURS)  # beside it the hourly run of the last hour goes its way
    assert [(run.interval.low - START).total_seconds() / 3600 for run in runs] == [0, 1, 2]
    assert [run.interval.width.total_seconds() for run in runs] == [3600] * HOURS
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []


def test_one_table_alone_is_backfilled_and_reloaded_by_a_scheduler_without_floodmark(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    span = ["--from-date", iso(1), "--to-date", iso(1)]
    airflow.command("backfill", "create", "--dag-id", shop.name, *span, "--dag-run-conf", ORDERS)
    airflow.ended(shop.name, "backfill", 1)
    assert shop.current("orders") == shop.source("orders")  # with its unread day
    assert all(read.rows == 0 for read in shop.reads("items"))
    airflow.command("dags", "trigger", f"{shop.name}__reload", "--conf", ORDERS)
    airflow.ended(f"{shop.name}__reload", "manual", 1)
    assert shop.current("orders") == shop.source("orders")
    assert all(read.rows == 0 for read in shop.reads("items"))

    assert airflow.asked_for_floodmark() == []
