"""What the task of a batch loads where nothing is new: an hour of an idle table is mostly that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.airflow import batch_steps
from tests.airflow.test_steps import at, shop  # noqa: F401

TASK = """
import json, sys
from datetime import datetime
from types import SimpleNamespace
from airflow.providers.common.compat.sdk import BaseOperator
airflows = set(sys.modules)  # Airflow 2 has Flask whatever a task does
from floodmark.airflow import dags

file, low, high = sys.argv[1], *map(datetime.fromisoformat, sys.argv[2:])
task = dags(file)["shop"].get_task("tables_1.sync")
run = SimpleNamespace(run_id="scheduled__idle", run_type="scheduled", logical_date=low, start_date=high,
                      data_interval_start=low, data_interval_end=high)
ti = SimpleNamespace(dag_id="shop", run_id=run.run_id, task_id="t", try_number=1, max_tries=3,
                     xcom_pull=lambda **_: None)
context = {"ti": ti, "task": task, "dag_run": run, "params": {"tables": list(task.tables)}}
from floodmark.airflow import batch_steps, lineage
outcomes = batch_steps.begin(task.work, task.tables, context).go_on()
print("ANSWER " + json.dumps({
    "states": {name: [one.state, one.rows, one.sealed_up_to] for name, one in outcomes.items()},
    "modules": sorted(set(sys.modules) - airflows),
}))
"""
ONLY_WHERE_ROWS_ARE = (
    "google.cloud.bigquery", "google.cloud.storage", "google.api_core", "grpc", "airflow.providers.google.cloud",
    "airflow.providers.google.common", "airflow.providers.postgres.hooks", "alembic", "duckdb", "sqlglot", "polars",
    "pandas", "fastapi", "flask", "pyarrow.parquet", "floodmark.adapters.bigquery", "floodmark.adapters.stage",
    "floodmark.airflow.build_steps", "floodmark.airflow.upkeep_steps", "floodmark.pipeline.page",
    "floodmark.pipeline.report", "floodmark.pipeline.reports", "floodmark.pipeline.repairs.sweep",
)  # fmt: skip
"""Modules, with those below them."""


@pytest.mark.slow
def test_a_batch_that_finds_nothing_new_loads_nothing_that_only_rows_need(shop, python):  # noqa: F811
    made = shop(tables={"orders": None, "items": None}, batch=True)
    context = made.context(11)
    context["ti"].xcom_pull = lambda task_ids, key: None
    batch_steps.begin(replace(made.work, gate=""), ("orders", "items"), context).go_on()
    dag_file = made.work.file.parent.parent / "floodmark_dags.py"
    answer = python(TASK, dag_file, at(11).isoformat(), at(12).isoformat())
    assert answer["states"] == {name: ["applied", 0, "2026-11-03T00:00:00+00:00"] for name in ("orders", "items")}
    loaded = [one for one in answer["modules"] if any(f"{one}.".startswith(f"{name}.") for name in ONLY_WHERE_ROWS_ARE)]
    assert loaded == []
