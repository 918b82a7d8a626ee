"""When a run's gate began: what a table shows of this run since then, a task of the run has done (R16).

A run that was deleted and made again, or that ``airflow dags test`` repeats, bears the name of the former one.
"""

from __future__ import annotations

from datetime import datetime

from floodmark.airflow.work import Context, Work, retried_since

KEY = "floodmark_began"


def note(context: Context) -> None:
    """The gate's: keep the moment for the tasks that follow."""
    from floodmark.pipeline import clock

    context["ti"].xcom_push(key=KEY, value=clock.now().isoformat())


def since(work: Work, context: Context) -> datetime | None:
    """A moment before all that this run's task may have done, in earlier tries or before it was deferred.

    UTC. A run whose tasks are cleared starts again, though its gate may not. None where nobody knows, on the first try
    behind a gate that kept none: nothing is taken for done.
    """
    kept = context["ti"].xcom_pull(task_ids=work.gate, key=KEY) if work.gate else None
    if not kept:
        return retried_since(context)
    gate, run = datetime.fromisoformat(kept), context["dag_run"].start_date
    return max(gate, run) if run else gate
