"""``airflow dags backfill``, which Floodmark gives back to Airflow 3.2 and later, done by a real scheduler."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import HOURS, Shop, iso
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]
ORDERS = json.dumps({"tables": ["orders"]})


def test_hours_flow_and_again_over_the_same_hours_without_a_difference(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    airflow.command("dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), shop.name)
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []
    before, current = shop.raw("orders"), shop.current("orders")

    said = airflow.command("dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), "-B", "-y", "-c", ORDERS, shop.name)
    assert "--reprocess-behavior completed" in said
    assert f"{HOURS} of {HOURS} runs have ended" in said
    assert sum(shop.raw("orders").values()) == 2 * sum(before.values())
    assert shop.current("orders") == current
    assert shop.differences() == []


def test_an_hour_of_one_table_is_done_again_of_all_where_none_is_named(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    airflow.command("dags", "backfill", "-s", iso(1), "-c", ORDERS, shop.name)
    assert all(read.rows == 0 for read in shop.reads("items"))
    airflow.command("dags", "backfill", "-s", iso(1), shop.name)
    assert shop.current("items") == shop.source("items")


def test_leaving_the_old_spelling_leaves_the_backfill_running(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    with airflow.begin("dags", "backfill", "-s", iso(0), "-e", iso(0), "-c", ORDERS, shop.name) as running:
        said = next(line for line in running.stdout if "runs have ended" in line)
        assert "0 of 1" in said
        running.send_signal(signal.SIGINT)
        left, _ = running.communicate(timeout=30)
        assert "goes on" in left
        assert running.returncode == 130
    airflow.ended(shop.name, "backfill", 1)
    assert shop.current("orders") == shop.source("orders")


def test_an_airflow_that_has_changed_loses_this_command_and_no_other(airflow: Schedulers):
    changed = (
        "import airflow.cli.cli_config as config;"
        "config.core_commands[:] = [command for command in config.core_commands if command.name != 'dags'];"
        "from airflow.cli.cli_parser import get_parser; print(get_parser().parse_args(['backfill', 'create',"
        " '--dag-id', 'shop', '--from-date', '2026-11-02', '--to-date', '2026-11-02']).dag_id)"
    )
    done = subprocess.run(
        [sys.executable, "-c", changed], env=airflow.server.variables, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("shop\n")
    assert "`airflow dags backfill` is missing" in done.stdout + done.stderr


def test_a_backfill_whose_scheduler_is_killed_with_its_tasks_is_finished_by_the_next(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    conf = json.dumps({"tables": ["orders", "items"]})
    with airflow.begin("dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), "-c", conf, shop.name) as waiting:
        until("a read", lambda: shop.head("orders").open, 90, lambda: airflow.evidence(shop.name), every=0.005)
        airflow.kill_scheduler()
        assert len(airflow.ended_so_far(shop.name)) < HOURS
        airflow.server.scheduler.start()
        said, _ = waiting.communicate(timeout=170)
        assert waiting.returncode == 0, said + airflow.evidence(shop.name)
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []
