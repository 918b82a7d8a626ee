"""What tasks do beside the pipeline's steps: choose, wait, skip, defer, fail with or without a retry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import AirflowRescheduleException
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException, TaskDeferred

from floodmark.airflow import batch_steps, dags, run_began, steps, waiting
from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.airflow.side_by_side import SideBySide
from floodmark.airflow.work import holder, retried_since, run_id
from floodmark.core.time.interval import Interval
from floodmark.core.time.stagger import delay
from floodmark.errors import (
    ConfigurationError,
    ExportRunning,
    JobRunning,
    LeaseTaken,
    Problem,
    RetriableError,
    SourceRefused,
)
from floodmark.pipeline.outcome import Outcome

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STAGED = Outcome(
    table="orders", target="proj-x.shop.orders", read_at="2026-11-20T12:00:01+00:00", state="staged", rows=3
)
APPLIED = replace(STAGED, state="applied", changed=True)


@dataclass
class Run:
    run_type: str = "scheduled"
    run_id: str = "a_run"
    logical_date: datetime | None = NOON
    data_interval_start: datetime | None = NOON - timedelta(hours=1)
    data_interval_end: datetime | None = NOON
    start_date: datetime | None = NOON


@dataclass
class TaskInstance:
    dag_id: str = "shop"
    run_id: str = "a_run"
    task_id: str = "orders.extract"
    try_number: int = 1
    max_tries: int = 3
    xcom: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcom[key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self.xcom.get(task_ids if key == "return_value" else key)


class Events(dict):
    """By an alias's name, since an alias of Airflow 3.1 is no key."""

    def __getitem__(self, outlet):
        return self.setdefault(outlet.name, type("Accessor", (list,), {"add": list.append})())


def context(task, tables=("orders", "items"), **ti: Any) -> dict[str, Any]:
    return {
        "task": task, "ti": TaskInstance(**ti), "dag_run": Run(), "params": {"tables": list(tables)},
        "outlet_events": Events(),
    }  # fmt: skip


@pytest.fixture
def dag(write):
    return dags(str(write(defaults={"settle": "90s"}, tables={"orders": None, "items": {"settle": "2m"}})))["shop"]


@pytest.fixture
def skipped(monkeypatch):
    """The tasks that were skipped without being started, on either Airflow."""
    found: list[str] = []
    monkeypatch.setattr(
        "floodmark.airflow.operators.end_skipping",
        lambda context, task_ids, result: (found.extend(task_ids), result)[1],
    )
    return found


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment, self.naps = moment, []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock(NOON + timedelta(seconds=5))
    for place in ("floodmark.pipeline.clock.now", "floodmark.pipeline.waiting.now"):
        monkeypatch.setattr(place, clock.now)
    monkeypatch.setattr("floodmark.pipeline.waiting.time.sleep", clock.sleep)
    return clock


def test_the_gate_waits_in_place_for_the_longest_settle(dag, skipped, clock):
    gate = dag.get_task("gate")
    gate.execute(context(gate))
    assert clock.moment == NOON + timedelta(minutes=2)
    assert max(clock.naps) <= 30
    assert skipped == []


def test_tables_that_a_run_leaves_out_are_skipped_and_not_waited_for(dag, skipped, clock):
    gate = dag.get_task("gate")
    gate.execute(context(gate, tables=["orders"]))
    assert skipped == ["items.extract"]
    assert clock.moment == NOON + timedelta(seconds=90)


def test_a_backfill_passes_the_gate_at_once(dag, skipped, clock):
    clock.moment = NOON + timedelta(days=3)
    gate = dag.get_task("gate")
    gate.execute(context(gate))
    assert clock.naps == []


@pytest.mark.parametrize(
    ("run_type", "late", "waits"),
    [("scheduled", 5, True), ("scheduled", 3_600, False), ("manual", 5, False), ("backfill", 5, False)],
)
def test_a_scheduled_run_reads_each_table_at_its_own_moment(write, skipped, clock, run_type, late, waits):
    stagger = dags(str(write(stagger="30m", cadence="12h")))["shop"].get_task("orders.stagger")
    clock.moment = NOON + timedelta(seconds=late)
    run = Run(run_type=run_type, data_interval_start=NOON - timedelta(hours=12), data_interval_end=NOON)
    assert stagger.poke({**context(stagger), "dag_run": run}) is not waits
    if waits:
        assert clock.moment + timedelta(seconds=stagger.poke_interval) == NOON + delay("orders", timedelta(minutes=30))
        clock.moment += timedelta(seconds=stagger.poke_interval)
        assert stagger.poke({**context(stagger), "dag_run": run})


def test_an_interval_that_is_not_over_is_refused(clock):
    with pytest.raises(ConfigurationError, match="ends in 1:59:55; trigger the run again when it is over"):
        waiting.settle(Interval(low=NOON, high=NOON + timedelta(hours=2)), timedelta(0))


def test_a_reload_waits_for_nothing(write, skipped, clock):
    gate = dags(str(write()))["shop__reload"].get_task("gate")
    gate.execute(context(gate, tables=["items"]))
    assert (clock.naps, skipped) == ([], ["orders.extract"])


def test_an_extract_that_found_something_lets_load_through(dag, skipped, monkeypatch):
    extract = dag.get_task("orders.extract")
    monkeypatch.setattr(steps, "extract", lambda work, tables, context: {"orders": STAGED})
    assert extract.execute(context(extract)) == {"orders": STAGED.document()}
    assert skipped == []


@pytest.mark.parametrize("outcome", [Outcome(table="orders", target="p.d.orders"), APPLIED])
def test_an_extract_that_left_nothing_to_load_skips_load(dag, skipped, monkeypatch, outcome):
    extract = dag.get_task("orders.extract")
    monkeypatch.setattr(steps, "extract", lambda work, tables, context: {"orders": outcome})
    assert extract.execute(context(extract)) == {"orders": outcome.document()}
    assert skipped == ["orders.load"]


if not AIRFLOW_2:  # which skips by its database: see test_runs

    def test_what_an_extract_found_is_kept_though_load_is_skipped_by_an_exception(dag, monkeypatch):
        from airflow.providers.common.compat.sdk import DownstreamTasksSkipped

        extract = dag.get_task("orders.extract")
        monkeypatch.setattr(steps, "extract", lambda work, tables, context: {"orders": APPLIED})
        given = context(extract)
        with pytest.raises(DownstreamTasksSkipped) as raised:
            extract.execute(given)
        assert raised.value.tasks == ["orders.load"]
        assert given["ti"].xcom == {"return_value": {"orders": APPLIED.document()}}


def test_a_load_that_changed_something_tells_its_asset(dag, monkeypatch):
    load = dag.get_task("orders.load")
    monkeypatch.setattr(steps, "load", lambda work, told, context: {"orders": APPLIED})
    monkeypatch.setattr("floodmark.airflow.compat.assets._declare", lambda outlet: None)
    given = context(load, xcom={"orders.extract": {"orders": STAGED.document()}})
    assert load.execute(given) == {"orders": APPLIED.document()}
    assert [asset.uri for asset in given["outlet_events"][load.outlets[0]]] == ["bigquery://proj-x/shop/orders"]


def test_a_load_that_changed_nothing_is_skipped_and_tells_nothing(dag, monkeypatch):
    load = dag.get_task("orders.load")
    monkeypatch.setattr(steps, "load", lambda work, told, context: {"orders": replace(APPLIED, changed=False)})
    given = context(load, xcom={"orders.extract": {"orders": STAGED.document()}})
    with pytest.raises(AirflowSkipException):
        load.execute(given)
    assert given["outlet_events"] == {}


def test_a_load_that_finds_no_word_of_extract_does_not_say_that_nothing_changed(dag):
    """It was marked as a success, or ``airflow db clean`` took its XCom: what it staged stands in the ledger."""
    load = dag.get_task("orders.load")
    with pytest.raises(
        AirflowFailException, match=r"run: orders\.extract: has left no word .*; clear it, and it is read"
    ):
        load.execute(context(load))


def test_only_what_extract_left_is_loaded(dag, monkeypatch):
    load = dag.get_task("orders.load")
    seen = []
    monkeypatch.setattr(steps, "load", lambda work, told, context: (seen.append(set(told)), {})[1])
    told = {"orders": STAGED.document(), "items": Outcome(table="items", target="p.d.items").document()}
    with pytest.raises(AirflowSkipException):
        load.execute(context(load, xcom={"orders.extract": told}))
    assert seen == [{"orders"}]


def raising(*errors):
    left = list(errors)

    def step(*_: Any) -> dict[str, Outcome]:
        if left:
            raise left.pop(0)
        return {"orders": STAGED}

    return step


def test_what_a_retry_cannot_mend_is_not_retried(dag, monkeypatch):
    extract = dag.get_task("orders.extract")
    for error in (SourceRefused("no rights"), ConfigurationError([Problem(file="shop.yml", path="", message="no")])):
        monkeypatch.setattr(steps, "extract", raising(error))
        with pytest.raises(AirflowFailException, match=str(error)):
            extract.execute(context(extract))


def test_what_may_pass_is_retried(dag, monkeypatch):
    extract = dag.get_task("orders.extract")
    monkeypatch.setattr(steps, "extract", raising(LeaseTaken("held by another")))
    with pytest.raises(LeaseTaken, match="held by another"):
        extract.execute(context(extract))


def test_a_running_job_is_waited_for_in_place(dag, skipped, monkeypatch):
    extract = dag.get_task("orders.extract")
    running = JobRunning("still runs", job_id="job_1", location="EU")
    monkeypatch.setattr(steps, "extract", raising(running, running))
    assert extract.execute(context(extract)) == {"orders": STAGED.document()}


def test_a_running_job_is_waited_for_by_googles_trigger_where_deferral_is_on(dag, skipped, monkeypatch):
    monkeypatch.setenv("AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE", "True")
    extract = dag.get_task("orders.extract")
    monkeypatch.setattr(steps, "extract", raising(JobRunning("still runs", job_id="job_1", location="EU")))
    with pytest.raises(TaskDeferred) as raised:
        extract.execute(context(extract))
    path, arguments = raised.value.trigger.serialize()
    assert path == "airflow.providers.google.cloud.triggers.bigquery.BigQueryInsertJobTrigger"
    assert (arguments["job_id"], arguments["location"], arguments["project_id"]) == ("job_1", "EU", "proj-x")
    assert arguments["cancel_on_kill"] is False  # another step may be attached to it
    resumed = getattr(extract, raised.value.method_name)
    assert resumed(context(extract), event={"status": "error"}) == {"orders": STAGED.document()}


def test_a_running_export_gives_the_worker_back_and_is_asked_for_again(write, skipped, monkeypatch):
    place = {"adapter": "cloudsql", "cloudsql": {"instance": "shop", "database": "shop"}, "pool": "one"}
    extract = dags(str(write(**place)))["shop"].get_task("orders.extract")
    running = ExportRunning("still runs", job_id="op_1", location="Cloud SQL p:i/d", pause=120)
    monkeypatch.setattr(steps, "extract", raising(running))
    with pytest.raises(AirflowRescheduleException) as raised:
        extract.execute(context(extract))
    assert timedelta(seconds=100) < raised.value.reschedule_date - datetime.now(UTC) <= timedelta(seconds=120)
    assert extract.execute(context(extract)) == {"orders": STAGED.document()}


if AIRFLOW_2:  # where a task comes back at once whose operator doesn't say that it waits

    def test_an_operator_of_exports_waits_for_its_moment_though_the_scheduler_knows_only_its_document(write):
        from airflow.serialization.serialized_objects import SerializedBaseOperator

        place = {"adapter": "cloudsql", "cloudsql": {"instance": "shop", "database": "shop"}, "pool": "one"}
        made = dags(str(write(**place)))["shop"].get_task("orders.extract")
        extract = SerializedBaseOperator.deserialize_operator(SerializedBaseOperator.serialize_operator(made))
        assert extract.reschedule
        assert "ReadyToRescheduleDep" in {type(one).__name__ for one in extract.deps}


@pytest.fixture
def batch(write):
    """The DAG of a source whose two tables share a task."""
    return dags(str(write(batch=True)))["shop"]


@pytest.fixture
def began(monkeypatch):
    """What a batch's task begins: the given outcomes by table, or their errors, one after the other."""

    def began(**steps: list[Any]) -> None:
        def step(name: str) -> Outcome:
            became = steps[name].pop(0)
            if isinstance(became, Exception):
                raise became
            return became

        monkeypatch.setattr(batch_steps, "begin", lambda work, tables, context: SideBySide(tables, step))

    monkeypatch.setattr("floodmark.airflow.compat.assets._declare", lambda outlet: None)
    return began


ITEMS = replace(APPLIED, table="items", target="proj-x.shop.items")


def test_the_task_of_a_batch_tells_an_asset_for_each_table_that_changed(batch, began):
    sync = batch.get_task("tables_1.sync")
    began(orders=[APPLIED], items=[replace(ITEMS, changed=False)])
    given = context(sync)
    assert set(sync.execute(given)) == {"orders", "items"}
    assert [asset.uri for asset in given["outlet_events"][sync.outlets[0]]] == ["bigquery://proj-x/shop/orders"]


def test_the_task_of_a_batch_that_changed_nothing_succeeds_and_tells_nothing(batch, began):
    sync = batch.get_task("tables_1.sync")
    began(orders=[Outcome(table="orders", target="p.d.orders")])
    given = context(sync, tables=["orders"])
    assert sync.execute(given) == {"orders": Outcome(table="orders", target="p.d.orders").document()}
    assert given["outlet_events"] == {}


def test_a_batch_goes_on_with_tables_whose_job_runs_and_leaves_alone_those_that_are_over(batch, began):
    """Two passes: orders is done in the first, and would have no second outcome."""
    sync = batch.get_task("tables_1.sync")
    running = JobRunning("still runs", job_id="job_1", location="EU")
    began(orders=[APPLIED], items=[running, running, ITEMS])
    assert set(sync.execute(context(sync))) == {"orders", "items"}
    began(orders=[LeaseTaken("held by another")], items=[running, ITEMS])
    with pytest.raises(RetriableError, match=r"1 of 2 tables failed:\norders: held by another"):
        sync.execute(context(sync))


def test_a_batch_is_deferred_while_a_job_runs(batch, began, monkeypatch):
    monkeypatch.setenv("AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE", "True")
    sync = batch.get_task("tables_1.sync")
    began(orders=[APPLIED, APPLIED], items=[JobRunning("still runs", job_id="job_1", location="EU"), ITEMS])
    with pytest.raises(TaskDeferred) as raised:
        sync.execute(context(sync))
    assert raised.value.trigger.serialize()[1]["job_id"] == "job_1"
    given = context(sync)
    getattr(sync, raised.value.method_name)(given, event={"status": "success"})
    assert len(given["outlet_events"][sync.outlets[0]]) == 2


def test_a_batch_whose_exports_run_gives_its_worker_back(write, began):
    place = {"adapter": "cloudsql", "cloudsql": {"instance": "shop", "database": "shop"}, "pool": "one", "batch": True}
    sync = dags(str(write(**place)))["shop"].get_task("tables_1.sync")
    running = ExportRunning("still runs", job_id="op_1", location="Cloud SQL p:i/d", pause=120)
    began(orders=[APPLIED, APPLIED], items=[running, ITEMS])
    with pytest.raises(AirflowRescheduleException):
        sync.execute(context(sync))
    assert set(sync.execute(context(sync))) == {"orders", "items"}


def test_the_gate_keeps_when_it_began_and_a_batch_takes_nothing_older_for_done(batch, skipped, clock):
    gate, sync = batch.get_task("gate"), batch.get_task("tables_1.sync")
    given = context(gate)
    gate.execute(given)
    began_at = run_began.since(sync.work, {**context(sync), "ti": given["ti"]})
    assert began_at == NOON + timedelta(seconds=5), "before it waited"
    cleared = {**context(sync), "ti": given["ti"]}
    cleared["dag_run"] = SimpleNamespace(start_date=NOON + timedelta(hours=2))
    assert run_began.since(sync.work, cleared) == NOON + timedelta(hours=2), "its tasks were cleared, the gate was not"
    assert run_began.since(sync.work, context(sync)) is None
    assert run_began.since(sync.work, context(sync, try_number=2)) == NOON


def test_a_holder_is_named_by_its_run_its_try_and_its_process(dag):
    import os

    text = holder(context(dag.get_task("orders.extract"), try_number=2))
    assert text.startswith("shop/a_run/orders.extract/2@")
    assert text.endswith(f":{os.getpid()}")


@pytest.mark.parametrize(
    ("try_number", "max_tries", "expected", "is_retry"),
    [  # retries: 3
        (1, 3, "shop/a_run", False),
        (4, 3, "shop/a_run", True),
        (3, 5, "shop/a_run#3", False),  # cleared after two tries: 2 + 3
        (4, 5, "shop/a_run#3", True),
    ],
)
def test_a_cleared_task_asks_anew_and_a_retry_does_not(dag, try_number, max_tries, expected, is_retry):
    given = context(dag.get_task("orders.extract"), try_number=try_number, max_tries=max_tries)
    assert run_id(given) == expected
    assert retried_since(given) == (NOON if is_retry else None)
