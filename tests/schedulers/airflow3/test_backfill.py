"""Backfills by Airflow's own command and by the old spelling, and a reload, done by a real scheduler."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import HOURS, START, Shop, iso

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]
ORDERS = json.dumps({"tables": ["orders"]})


def test_hours_flow_in_their_own_intervals_and_again_by_the_old_spelling_without_a_difference(
    airflow: Schedulers, shop: Shop
):
    airflow.adopt(shop)
    span = ["--from-date", iso(0), "--to-date", iso(HOURS - 1)]
    airflow.command("backfill", "create", "--dag-id", shop.name, *span, "--reprocess-behavior", "completed")
    runs = airflow.ended(shop.name, "backfill", HOURS)  # beside it the hourly run of the last hour goes its way
    assert [(run.interval.low - START).total_seconds() / 3600 for run in runs] == [0, 1, 2]
    assert [run.interval.width.total_seconds() for run in runs] == [3600] * HOURS
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []
    before, current = shop.raw("orders"), shop.current("orders")

    said = airflow.command("dags", "backfill", "-s", iso(0), "-e", iso(HOURS - 1), "-B", "-y", "-c", ORDERS, shop.name)
    assert "--reprocess-behavior completed" in said
    assert f"{HOURS} of {HOURS} runs have ended" in said
    assert sum(shop.raw("orders").values()) == 2 * sum(before.values())
    assert shop.current("orders") == current
    assert shop.differences() == []


def test_one_table_alone_is_backfilled_and_reloaded_by_a_scheduler_without_floodmark(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop)
    span = ["--from-date", iso(1), "--to-date", iso(1)]
    airflow.command("backfill", "create", "--dag-id", shop.name, *span, "--dag-run-conf", ORDERS)
    airflow.ended(shop.name, "backfill", 1)
    assert shop.current("orders") == shop.source("orders", 1, 1)
    assert all(read.rows == 0 for read in shop.reads("items"))
    airflow.command("dags", "trigger", f"{shop.name}__reload", "--conf", ORDERS)
    airflow.ended(f"{shop.name}__reload", "manual", 1)
    assert shop.current("orders") == shop.source("orders")
    assert all(read.rows == 0 for read in shop.reads("items"))

    assert airflow.asked_for_floodmark() == []

    airflow.command("dags", "backfill", "-s", iso(1), shop.name)  # again, and now of all tables
    assert shop.current("items") == shop.source("items", 1, 1)


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
    assert shop.current("orders") == shop.source("orders", 0, 1)


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
