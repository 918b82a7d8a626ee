"""What a DAG file gives its DAGs, and where their tasks run: nothing that is accepted does nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from floodmark.airflow import dag_settings, dags
from floodmark.airflow.dag_factory import RETRY_DELAY
from floodmark.errors import ConfigurationError
from tests.airflow.conftest import AIRFLOW


def told(context: Any) -> None:
    """A callback."""


def test_every_dag_and_every_task_has_what_the_dag_file_gives(write):
    file = write(tables={"orders": None, "items": {"deletes": "reconcile"}})
    summaries = file.parent / "sources" / "summaries"
    summaries.mkdir()
    (summaries / "daily.sql").write_text("SELECT * FROM orders")
    made = dags(str(file), on_failure_callback=told, default_args={"on_failure_callback": told, "retry_delay": 1})
    assert len(made) == 6
    for dag in made.values():
        assert dag.on_failure_callback is told
        for task in dag.tasks:
            callbacks = task.on_failure_callback  # a list from Airflow 3.0 on
            assert callbacks in (told, [told]), task.task_id
            assert task.retry_delay.total_seconds() == 1


def test_without_it_nothing_changes(write):
    assert {task.retry_delay for task in dags(str(write()))["shop"].tasks} == {RETRY_DELAY}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"schedule": None}, "floodmark_dags.py: schedule: is decided by the source's YAML; write `cadence:` there"),
        ({"catchup": False}, "floodmark_dags.py: catchup: is decided by the source's YAML; write `catchup:` there"),
        (
            {"default_args": {"retries": 5}},
            "floodmark_dags.py: default_args.retries: is decided by the source's YAML; write `retries:` there",
        ),
        ({"params": {}}, "floodmark_dags.py: params: is Floodmark's own; leave it out"),
        (
            {"default_args": "retries"},
            'floodmark_dags.py: default_args: is not a mapping; write a dict, as in {"on_failure_callback": told}',
        ),
    ],
)
def test_what_yaml_decides_is_refused_with_the_key_to_write(write, given, said):
    file = write()
    with pytest.raises(ConfigurationError) as raised:
        dags(str(file), **given)
    assert str(raised.value) == said.replace("floodmark_dags.py", file.name)


OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"


def test_the_deadline_of_the_documentation_is_of_the_dags_that_read_slices_and_is_stored_with_them(write):
    try:
        from airflow.serialization.serialized_objects import DagSerialization as Serialized
    except ImportError:  # before 3.3
        from airflow.serialization.serialized_objects import SerializedDAG as Serialized

    if AIRFLOW < (3, 1):
        return  # it has none: the next test has what is said then
    [code] = re.findall(r"```python\n(.*?)```", OPERATING.read_text(encoding="utf-8"), re.DOTALL)
    file = write(tables={"orders": None, "items": {"cadence": "3h", "deletes": "reconcile"}})
    made: dict[str, Any] = {"__file__": str(file)}
    exec(compile(code, OPERATING.name, "exec"), made)
    given = {name: dag.deadline for name, dag in made.items() if name.startswith("shop")}
    assert {name for name, deadline in given.items() if deadline} == {"shop", "shop__3h"}
    assert {"shop__reload", "shop__reconcile", "shop__upkeep", "shop__ops"} < set(given)
    assert "shop_alerts.run_is_late" in str(Serialized.to_dict(made["shop"])["dag"]["deadline"])


def test_a_deadline_is_refused_where_airflow_has_none(write, monkeypatch):
    file = write()
    monkeypatch.setattr(dag_settings, "VERSION", (2, 11))
    with pytest.raises(ConfigurationError) as raised:
        dags(str(file), deadline=object())
    said = "deadline: is what Airflow 3.1 and later have, and this is 2.11; leave it out, or upgrade Airflow"
    assert str(raised.value) == f"{file.name}: {said}"


@pytest.mark.parametrize("given", ["1h", 5, ["1h"], object()])
def test_a_deadline_that_is_none_is_refused(write, monkeypatch, given):
    monkeypatch.setattr(dag_settings, "VERSION", (3, 1))
    with pytest.raises(ConfigurationError, match="deadline: is no DeadlineAlert; write DeadlineAlert\\("):
        dags(str(write()), deadline=given)


def test_what_no_dag_has_is_airflows_own_error(write):
    with pytest.raises(TypeError, match="nonsense"):
        dags(str(write()), nonsense=1)


def test_a_table_says_how_soon_and_where_its_tasks_run(write):
    tables = {"orders": {"priority": 7, "queue": "heavy", "pool_slots": 2}, "items": None}
    dag = dags(str(write(tables=tables, pool="shop", defaults={"queue": "plain", "priority": 3})))["shop"]
    placed = {
        task.task_id: (task.priority_weight, task.queue, task.pool, task.pool_slots)
        for task in dag.tasks
        if task.task_id not in ("gate", "report")
    }
    orders, items = (7, "heavy", "shop", 2), (3, "plain", "shop", 1)
    assert placed == {"orders.extract": orders, "orders.load": orders, "items.extract": items, "items.load": items}
    gate = dag.get_task("gate")
    assert (gate.priority_weight, gate.queue, gate.pool) == (3, "plain", "shop")


def test_tables_share_a_task_on_one_queue_only(write):
    tables: dict[str, Any] = {
        f"t{number}": {"queue": "heavy", "pool_slots": 3} if number % 2 else None for number in range(6)
    }
    dag = dags(str(write(tables=tables, batch=True)))["shop"]
    shared = {task.tables: (task.queue, task.pool_slots) for task in dag.tasks if task.task_id.endswith("sync")}
    assert shared == {("t0", "t2", "t4"): (dag.get_task("gate").queue, 1), ("t1", "t3", "t5"): ("heavy", 3)}
