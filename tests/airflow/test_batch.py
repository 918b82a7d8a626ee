"""The task of a batch on real servers: what one try did, the next leaves alone; what is missing is told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from floodmark.airflow import batch_steps, steps
from floodmark.core.ledger.read import State
from floodmark.errors import ConfigurationError, FatalError, JobRunning
from floodmark.pipeline import effects
from tests.airflow.test_steps import Shop, at, shop  # noqa: F401
from tests.fakes.jobs_sent import jobs_sent

pytestmark = pytest.mark.slow

BAD = "CREATE TABLE bad (id bigint PRIMARY KEY, updated_at timestamptz)"


def sync(made: Shop, *tables: str, high: int, began: str = "", **tries: Any) -> dict[str, Any]:
    """A try of the task; ``began``: when its run's gate did."""
    context = made.context(high, **tries)
    context["ti"].xcom_pull = lambda task_ids, key: began or None
    return batch_steps.begin(replace(made.work, gate="gate"), tables, context).go_on()


def reads(made: Shop, name: str) -> list[Any]:
    """The closed reads of a table."""
    with steps.wired(made.work, name, made.context(1)) as run:
        return list(run.ports.ledger.reads(run.target))


def targets(jobs: list[dict[str, Any]]) -> set[str]:
    """The tables that loads went into."""
    return {job["load"]["destinationTable"]["tableId"] for job in jobs if "load" in job}


def test_one_table_s_failure_keeps_no_other_from_being_finished_and_a_retry_touches_it_alone(shop):  # noqa: F811
    made = shop(tables={"orders": None, "items": None, "bad": None})
    with jobs_sent() as sent, pytest.raises(FatalError, match=r"1 of 3 tables failed:\nbad: "):
        sync(made, "orders", "items", "bad", high=1)
    assert targets(sent) == {"orders"}
    [read] = reads(made, "orders")
    assert (read.state, read.rows) == (State.APPLIED, 10)
    made.sql(BAD + "; INSERT INTO bad VALUES (1, '2026-11-02 00:30Z')")
    with jobs_sent() as sent:
        retried = sync(made, "orders", "items", "bad", high=1, try_number=2)
    assert targets(sent) == {"bad"}
    assert {job["labels"]["floodmark_table"] for job in sent if job.get("labels")} == {"bad"}
    assert {name: (one.state, one.changed) for name, one in retried.items()} == {
        "orders": ("applied", True), "items": ("applied", False), "bad": ("applied", True),
    }  # fmt: skip
    assert [len(reads(made, name)) for name in ("orders", "items", "bad")] == [1, 1, 1]


def test_what_a_task_did_before_it_was_deferred_is_not_done_again_though_another_run_came_between(shop, monkeypatch):  # noqa: F811
    """A backfill reads its slice whole whenever it asks. One of two tables waits for a job: the task is deferred."""
    made = shop(tables={"orders": None, "items": None})
    made.sql("INSERT INTO items SELECT id, note, updated_at FROM orders")
    again = {"began": at(0).isoformat(), "run_type": "backfill"}

    def slow(run: Any, *arguments: Any) -> Any:
        if run.name == "items":
            raise JobRunning("still runs", job_id="j", location="EU")
        return effects.carry_out(run, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr("floodmark.pipeline.load.carry_out", slow)
        with pytest.raises(JobRunning):
            sync(made, "orders", "items", high=1, **again)
    sync(made, "orders", high=2, run_type="backfill")  # of another run
    with jobs_sent() as sent:
        resumed = sync(made, "orders", "items", high=1, **again)
    assert targets(sent) == {"items"}
    assert [read.run_id for read in reads(made, "orders")] == ["shop/backfill__1", "shop/backfill__2"]
    assert {name: one.changed for name, one in resumed.items()} == {"orders": True, "items": True}
    sync(made, "orders", high=1, run_type="backfill", began=run_began_now())
    assert len(reads(made, "orders")) == 3, "a run that was deleted and made again bears the same name"


def run_began_now() -> str:
    """A gate's moment that lies after all that was read."""
    from floodmark.pipeline import clock

    return clock.now().isoformat()


def test_a_run_that_began_with_two_tasks_for_a_batch_is_finished_by_one(shop):  # noqa: F811
    """As of an Airflow on which Floodmark is upgraded between ``extract`` and ``load``."""
    made = shop(tables={"orders": None, "items": None})
    staged = made.extract("orders", "items", high=1)["orders"]
    assert staged.state == "staged"
    done = sync(made, "orders", "items", high=1)["orders"]
    assert (done.read_at, done.state, done.changed) == (staged.read_at, "applied", True)


def test_a_missing_dataset_is_told_once_before_anything_is_read(shop):  # noqa: F811
    place = {"project": "proj-x", "location": "EU", "dataset": "nowhere"}
    made = shop(tables={"orders": None, "items": None}, bigquery=place)
    with pytest.raises(ConfigurationError) as raised:
        sync(made, "orders", "items", high=1)
    assert str(raised.value).count("there is no dataset proj-x.nowhere;") == 1
    assert "bq mk --location=EU --dataset proj-x:nowhere" in str(raised.value)
    with steps.wired(made.work, "orders", made.context(1)) as run:
        assert run.ports.ledger.targets() == []


def test_a_dataset_that_vanished_since_is_told_once_for_all_that_had_something_to_load(shop, google, datasets):  # noqa: F811
    made = shop(tables={"orders": None, "items": None})
    made.sql("INSERT INTO items SELECT id, note, updated_at FROM orders")
    sync(made, "orders", "items", high=1)
    google.bigquery_client().delete_dataset(datasets.raw, delete_contents=True)
    made.sql("UPDATE orders SET note = 'x'; UPDATE items SET note = 'x'")
    with jobs_sent() as sent, pytest.raises(FatalError) as raised:
        sync(made, "orders", "items", high=2, run_type="backfill")
    assert str(raised.value).count("there is no dataset") == 1
    assert "orders, items: " in str(raised.value) or "items, orders: " in str(raised.value)
    assert sent == []


def test_the_heaviest_table_begins_and_a_new_one_before_it(shop):  # noqa: F811
    made = shop(tables={"items": None, "bad": None, "orders": None})
    sync(made, "items", "orders", high=1)
    made.sql(BAD)
    batch = batch_steps.begin(made.work, ("items", "bad", "orders"), batch_context(made))
    assert batch.tables == ("bad", "orders", "items")


def batch_context(made: Shop) -> dict[str, Any]:
    """Of a first try."""
    context = made.context(2)
    context["ti"].xcom_pull = lambda task_ids, key: None
    return context
