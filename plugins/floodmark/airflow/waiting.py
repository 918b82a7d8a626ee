"""Tasks that wait: for the settle time in place, for BigQuery's jobs in place or deferred."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, TypeVar

from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator, conf

from floodmark.airflow.compat.rescheduling import come_back
from floodmark.core.time.interval import Interval
from floodmark.errors import PERMANENT, ConfigurationError, ExportRunning, FloodmarkError, JobRunning, Problem

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def settle(interval: Interval, length: timedelta, whose: str = "") -> None:
    """Wait in place until ``length`` after the interval's end (R6); at once where that is past, as in a backfill.

    ``whose``: the table that wants so much, for the log.

    Raises ``ConfigurationError`` for an interval that isn't over yet: only a manual run can ask for one.
    """
    from floodmark.pipeline import clock, waiting  # not before a task runs: parsing needs neither

    if (early := interval.high - clock.now()) > timedelta(minutes=1):
        message = f"{interval} ends in {early}"
        remedy = "trigger the run again when it is over"
        raise ConfigurationError([Problem(file="run", path="data interval", message=message, remedy=remedy)])
    named = f" (settle of {whose})" if whose else ""
    waiting.until_settled(
        interval,
        length,
        lambda left: log.info(
            "waiting for %s to settle: %.0f s after its end%s, %.0f s from now",
            interval, length.total_seconds(), named, left.total_seconds(),
        ),
    )  # fmt: skip
    log.info("%s has settled: it ended %s ago", interval, str(clock.now() - interval.high).partition(".")[0])


class verdicts:
    """What a retry can't mend fails the task without one. Its traceback is Airflow's own, with one frame of ours.

    An error of ours says itself what is wrong; where it was raised is logged at level DEBUG. A defect keeps all.
    """

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise the verdict."""
        if isinstance(error, PERMANENT):
            raise AirflowFailException(str(error)) from None
        if isinstance(error, FloodmarkError):
            raise error.with_traceback(None) from None


def until_done(task: BaseOperator, project: str, connection: str, step: Callable[[], Result]) -> Result:
    """``step``, again and again while it ends because a job of BigQuery's still runs; the lease is free in between.

    Where ``[operators] default_deferrable`` is on, the task is deferred for that time, and ``resume`` goes on. For an
    export of the source's its worker is given back in any case: the next call of the task finds it.
    """

    from floodmark.pipeline import waiting

    def tell(running: JobRunning) -> None:
        log.info("%s", running)
        if isinstance(running, ExportRunning):
            come_back(timedelta(seconds=running.pause))
        if conf.getboolean("operators", "default_deferrable", fallback=False):
            task.defer(trigger=_trigger(running, project, connection), method_name="resume")

    return waiting.until_done(step, tell)


def _trigger(running: JobRunning, project: str, connection: str) -> Any:
    """Google's own: the triggerer needs nothing of ours. It never cancels what another step may attach to (R17)."""
    from inspect import signature

    from airflow.providers.google.cloud.triggers.bigquery import BigQueryInsertJobTrigger

    keep: dict[str, Any] = (
        {"cancel_on_kill": False} if "cancel_on_kill" in signature(BigQueryInsertJobTrigger).parameters else {}
    )
    return BigQueryInsertJobTrigger(
        conn_id=connection,
        job_id=running.job_id,
        project_id=project,
        location=running.location,
        poll_interval=10,
        **keep,
    )
