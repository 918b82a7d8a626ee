"""What a task's log says at three in the morning: what, where, by which file and key, which job, what comes next."""

from __future__ import annotations

import json
import logging
import re
import traceback
from dataclasses import replace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from floodmark.airflow import failures, steps
from floodmark.airflow.waiting import verdicts
from floodmark.airflow.work import Work
from floodmark.errors import FatalError, JobRunning, LeaseTaken, SourceRefused, SourceUnavailable, WarehouseUnavailable
from tests.airflow.test_operators import clock, context, dag, skipped
from tests.airflow.test_steps import Shop, shop

__all__ = ["clock", "dag", "shop", "skipped"]


@pytest.fixture
def said(caplog):
    """What the package logged, from INFO on, as one text."""
    caplog.set_level(logging.INFO, logger="floodmark")
    return lambda: "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("floodmark"))


def raised(error: Exception) -> BaseException:
    """What a task ends with where a step raised ``error``, as the adapters raise it: from another's."""

    def step() -> None:
        try:
            raise KeyError("what the library said")
        except KeyError as cause:
            raise error from cause

    with pytest.raises(Exception) as caught, verdicts():  # noqa: PT011
        step()
    return caught.value


@pytest.mark.parametrize(
    "error",
    [SourceRefused("no rights"), FatalError("a job failed"), LeaseTaken("held"), SourceUnavailable("down")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_of_ours_is_one_traceback_with_one_frame_of_ours(error):
    shown = "".join(traceback.format_exception(raised(error)))
    assert shown.count("Traceback") == 1
    assert "what the library said" not in shown
    assert len(re.findall(r"floodmark/.*\.py", shown)) == 1
    assert str(error) in shown


def test_a_defect_keeps_its_whole_traceback():
    shown = "".join(traceback.format_exception(raised(ValueError("a defect"))))
    assert "what the library said" in shown
    assert "in step" in shown


def test_only_what_a_retry_mends_is_retried():
    assert type(raised(SourceRefused("no"))) is AirflowFailException
    assert type(raised(WarehouseUnavailable("busy"))) is WarehouseUnavailable


def failure(work: Work, error: Exception, said: Any, **ti: Any) -> str:
    with pytest.raises(type(error)), failures.told(work, "orders", context(None, **ti)):
        raise error
    return said()


def test_a_failure_says_what_where_and_what_next(dag, said):
    work = dag.get_task("orders.extract").work
    lines = failure(work, SourceRefused("public.orders: the role may not read it"), said).splitlines()
    assert re.fullmatch(
        r"orders failed after \d+\.\d s: SourceRefused: public.orders: the role may not read it", lines[0]
    )
    assert lines[1:] == [
        "  in: shop.yml: tables.orders",
        '  from: public.orders of the connection shop_db, into proj-x.shop.orders',
        "  next: a retry gives the same: mend it, then clear this task; if the table stays blocked: "
        "floodmark unblock shop orders",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tries", "next_"),
    [(1, "this was try 1 of 4, and Airflow makes the next; it goes on from the ledger"),
     (4, "this was try 4 of 4; the next run goes on from the ledger, and clearing this task does so now")],
)  # fmt: skip
def test_what_passes_says_whether_it_is_tried_again(dag, said, tries, next_):
    work = dag.get_task("orders.extract").work
    assert failure(work, SourceUnavailable("down"), said, try_number=tries).endswith(f"  next: {next_}")


def test_a_job_that_still_runs_is_no_failure(dag, said):
    work = dag.get_task("orders.extract").work
    assert "failed" not in failure(work, JobRunning("runs", job_id="j", location="EU"), said)


def test_the_gate_says_what_it_waits_for_and_what_it_leaves_out(dag, skipped, clock, said):
    gate = dag.get_task("gate")
    gate.execute(context(gate, tables=["orders"]))
    hour = "[2026-11-20T11:00:00+00:00, 2026-11-20T12:00:00+00:00)"
    first, *_, last, left_out = said().splitlines()
    assert first == f"waiting for {hour} to settle: 90 s after its end (settle of orders), 85 s from now"
    assert last == f"{hour} has settled: it ended 0:01:30 ago"
    assert left_out == "left out, since the param tables doesn't name them: items"


@pytest.mark.slow
def test_each_job_is_logged_with_its_place_in_the_console_and_what_it_counted(shop, said, datasets):
    made: Shop = shop(tables={"orders": None})
    made.load(made.extract("orders", high=1), high=1)
    logged = said()
    link = f"https://console.cloud.google.com/bigquery?project={datasets.project}&j=bq:EU:"
    jobs = re.findall(rf"\.orders: (\w+) is job (\w+): {re.escape(link)}(\w+)&page=queryresults", logged)
    assert [step for step, job, linked in jobs if job == linked] == ["load", "apply"]
    assert re.search(r"\.orders: load ended after \d+\.\d s: output_rows 10", logged)
    assert re.search(r"\.orders: apply ended after \d+\.\d s: .*inserted 10", logged)
    assert re.search(r"\.orders: 10 rows, [1-9]\d+ bytes, applied; ", logged)
    assert len(re.findall(r"^orders: done after \d+\.\d s$", logged, re.MULTILINE)) == 2


@pytest.mark.slow
def test_what_breaks_a_table_is_told_with_its_place(shop, said, datasets, monkeypatch):
    made: Shop = shop(tables={
        "orders": {"lease_wait": "0s"}, "bad": {"cursor": "updated_at"}, "casts": {"bad_values": "fail"}, "nope": None,
    })  # fmt: skip
    made.sql("CREATE TABLE bad (id bigint PRIMARY KEY, updated_at timestamptz); INSERT INTO bad VALUES (1, NULL)")
    made.sql("CREATE TABLE casts (id bigint PRIMARY KEY, at date, updated_at timestamptz)")
    made.sql("INSERT INTO casts VALUES (1, 'infinity', '2026-11-02 00:30Z')")
    for name, kind in {"bad": "SourceRefused", "casts": "BadValue", "nope": "SourceRefused"}.items():
        with pytest.raises(FatalError):
            made.extract(name, high=1)
        assert re.search(rf"^{name} failed after \S+ s: {kind}: .*public\.{name}", said(), re.MULTILINE), said()
        assert f"  in: shop.yml: tables.{name}\n  from: public.{name} of the connection shop_db" in said()
    with steps.wired(made.work, "orders", made.context(1)) as run, run.lease(), pytest.raises(LeaseTaken):
        made.extract("orders", high=1)
    assert "orders failed after" in said()
    assert "the lease is held by shop/scheduled__1/t/1@" in said()
    elsewhere = made.work.config.bigquery.model_copy(update={"dataset": "no_such_dataset"})
    there = replace(made.work, config=made.work.config.model_copy(update={"bigquery": elsewhere}))
    told = {name: outcome.document() for name, outcome in steps.extract(there, ("orders",), made.context(1)).items()}
    with pytest.raises(FatalError):
        steps.load(there, told, made.context(1))
    assert re.search(r"^orders failed after .*no_such_dataset_raw.*create the dataset, or mend bigquery", said(), re.M)
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", json.dumps({"conn_type": "postgres", "host": "127.0.0.1", "port": 1}))
    with pytest.raises(SourceUnavailable):
        made.extract("orders", high=2)
    assert re.search(r"^orders failed after .*127\.0\.0\.1:1.*refused", said(), re.M)
