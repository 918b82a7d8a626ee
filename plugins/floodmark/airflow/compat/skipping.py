"""Skip tasks downstream without starting them: a task that only finds out that it isn't needed costs as much as any."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.airflow.work import Context

Result = TypeVar("Result")
RESULT = "return_value"
"""What Airflow calls a task's result; its own constant lies among its models, which are dear to import."""


def end_skipping(context: Context, task_ids: Collection[str], result: Result) -> Result:
    """The task's ``result``, with tasks downstream marked as skipped. The last thing that a task does.

    Airflow 3 marks them by an exception, after which the task succeeds but its result is not stored by itself;
    Airflow 2 by its database.
    """
    if not task_ids:
        return result
    if AIRFLOW_2:
        return _airflow2(context, task_ids, result)
    from airflow.providers.common.compat.sdk import DownstreamTasksSkipped

    if result is not None:
        context["ti"].xcom_push(key=RESULT, value=result)
    raise DownstreamTasksSkipped(tasks=sorted(task_ids))  # type: ignore[no-untyped-call]


def _airflow2(context: Context, task_ids: Collection[str], result: Result) -> Result:
    from airflow.models.skipmixin import SkipMixin  # type: ignore[import-not-found]

    dag_run = context["dag_run"]
    tasks = [context["task"].dag.get_task(task_id) for task_id in sorted(task_ids)]
    SkipMixin().skip(dag_run=dag_run, execution_date=dag_run.logical_date, tasks=tasks)
    return result
