"""SIGKILL of tasks in the middle of their work, and of the scheduler with all that it runs; then only Airflow's own."""

from __future__ import annotations

import json
import os
import signal

import pytest

from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.read import State
from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import Shop, iso
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

TURNSTILE = """
CREATE SCHEMA IF NOT EXISTS turnstile;
CREATE OR REPLACE FUNCTION turnstile.pass() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock_shared(4711);
    PERFORM pg_advisory_unlock_shared(4711);
    RETURN true;
END $$;
"""
"""A read of a row waits here while somebody holds the lock exclusively."""


def intended(shop: Shop) -> Effect | None:
    """The job of items that is written down, and not known to be done."""
    read = shop.head("items").open
    return next((effect for effect in read.effects if effect.state is EffectState.INTENDED), None) if read else None


def reading(shop: Shop) -> int:
    """The process that reads orders now."""
    read = shop.head("orders").open
    return shop.holder("orders", "extract") if read and read.state is State.READING else 0


def test_tasks_killed_in_the_middle_are_tried_again_and_no_read_is_in_raw_twice(airflow: Schedulers, shop: Shop):
    shop.sql(TURNSTILE)
    airflow.adopt(shop, cadence="3h", orders={"where": "turnstile.pass()"})
    airflow.ended(shop.name, "scheduled", 1)
    warehouse = airflow.google.bigquery.pid
    with shop.session() as blocker:
        blocker.execute("SELECT pg_advisory_lock(4711)")
        airflow.command("backfill", "create", "--dag-id", shop.name, "--from-date", iso(0), "--to-date", iso(0))
        job = until("a job of items", lambda: intended(shop), 180, lambda: airflow.evidence(shop.name), every=0.005)
        os.kill(warehouse, signal.SIGSTOP)
        try:
            assert intended(shop) == job
            os.kill(shop.holder("items", "load"), signal.SIGKILL)
        finally:
            os.kill(warehouse, signal.SIGCONT)
        os.kill(until("orders being read", lambda: reading(shop), 180), signal.SIGKILL)

    airflow.ended(shop.name, "backfill", 1, within=170)
    assert [read.state for read in shop.reads("orders") if read.state is State.VOID or read.rows] == [
        State.VOID, State.APPLIED,
    ]  # fmt: skip
    [read] = [read for read in shop.reads("items") if read.rows]
    assert job.job_id in {effect.job_id for effect in read.effects}, "the retry submits the job that was written down"
    assert {(effect.step, effect.attempt) for effect in read.effects} == {("load", 1), ("apply", 1)}
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []


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
