"""What tasks hold besides their work: priority, queue, pool and its slots, pod, retries and time, from the YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.common.compat.sdk import DAG

from floodmark.core.config import pods
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig


def of_source(config: SourceConfig) -> dict[str, Any]:
    """Of every task of a source, those that belong to no table too: what ``defaults`` say."""
    defaults = config.defaults
    placed: dict[str, Any] = {"priority_weight": defaults.priority}
    if owner := config.owner:
        placed["owner"] = owner
    if config.pool:
        placed["pool"] = config.pool
    if defaults.queue:
        placed["queue"] = defaults.queue
    return placed | _pod(defaults.executor_config)


def of_tables(tables: Sequence[TableConfig], *, steps: int = 1) -> dict[str, Any]:
    """Of the tasks of some tables. Where several share one: the most patient, most urgent, widest counts.

    Each task does so many ``steps`` of a table, extract and load, and has their time.
    """
    timeouts = [table.timeout for table in tables]
    placed: dict[str, Any] = {
        "retries": max(table.retries for table in tables),
        "execution_timeout": steps * max(timeouts) if all(timeouts) else None,
        "priority_weight": max(table.priority for table in tables),
        "pool_slots": max(table.pool_slots for table in tables),
    }
    owners, queue = {table.owner for table in tables}, tables[0].queue
    if len(owners) == 1 and tables[0].owner:
        placed["owner"] = tables[0].owner
    if queue:
        placed["queue"] = queue
    return placed | _pod(tables[0].executor_config)


def room(table: TableConfig) -> tuple[str, str]:
    """Where a table's tasks run, on which queue and in which pod: only tables of one room share a task."""
    return table.queue or "", pods.text(table.executor_config)


def _pod(config: Mapping[str, Any]) -> dict[str, Any]:
    """``executor_config`` as Airflow has it; nothing where nothing is written."""
    if not config:
        return {}
    from floodmark.adapters import pods as kubernetes

    return {"executor_config": {pods.POD: kubernetes.pod(config[pods.POD])}}


def keep_params_once(dag: DAG) -> None:
    """Take the params out of the tasks: Airflow gives each a copy of the DAG's, which list all tables or summaries.

    A run gives its tasks the DAG's own all the same (``process_params``).
    """
    for task in dag.tasks:
        task.params = type(task.params)()
