"""The task that lets a table's extract begin within ``stagger``: it holds no worker while it waits."""

from __future__ import annotations

from typing import Any

from airflow.providers.common.compat.sdk import BaseSensorOperator

from floodmark.airflow.interval import interval_of, run_type
from floodmark.airflow.work import Context, Work
from floodmark.core.time.stagger import delay


class StaggerSensor(BaseSensorOperator):
    """Ends so long after the end of the run's interval as the first of its ``tables`` is called.

    Slices stay as the cadence cuts them: a cron of its own for each table would move their bounds, and make a DAG of
    each. Only scheduled runs wait; where the moment is past, as in a catch-up, nothing does.
    """

    ui_color = "#e8f0fe"

    def __init__(self, *, work: Work, tables: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(mode="reschedule", **kwargs)
        self.work = work
        self.tables = tables

    def poke(self, context: Context) -> bool:
        """Whether the moment has come; if not, ``poke_interval`` is what is left until then."""
        from floodmark.pipeline import clock

        if run_type(context["dag_run"]) != "scheduled":
            return True
        due = interval_of(context["dag_run"], self.work.cadence).high + delay(self.tables[0], self.work.config.stagger)
        self.poke_interval = max((due - clock.now()).total_seconds(), 0)
        return self.poke_interval == 0
