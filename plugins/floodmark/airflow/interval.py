"""A run of a DAG -> the interval that it reads: one function, the same on Airflow 2 and 3.

Airflow 3 gives manual runs no interval, or one that ignores their logical date, and cron strings one of zero width
(airflow#49790, airflow#50172, airflow#60072). So only scheduled and backfilled runs are taken at their word.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from floodmark.core.time import slices
from floodmark.core.time.cadence import Cadence
from floodmark.core.time.interval import Interval, utc
from floodmark.errors import ConfigurationError, Problem


class Run(Protocol):
    """What both Airflows' ``dag_run`` has. Airflow 3 also has ``run_after``: when it was asked for."""

    run_id: str
    run_type: Any
    logical_date: datetime | None
    data_interval_start: datetime | None
    data_interval_end: datetime | None


def interval_of(run: Run, cadence: Cadence) -> Interval:
    """The interval of a run of a DAG with this cadence, in UTC.

    ======================================  =====================================================
    scheduled, backfill                     the run's own
    manual, its interval given by hand      that one (it is not one cadence wide)
    manual with a logical date              the last full cadence before that date
    ``dags test D DATE``                    the same: a manual run with that logical date
    manual without (Airflow 3)              the last full cadence before it was asked for
    ======================================  =====================================================

    "Full" is counted from midnight, UTC, or by the cron. The same run gives the same at each retry.

    Raises:
        ConfigurationError: the run's own interval is empty, or missing where the scheduler should have set it.
    """
    start, end = _plain(run.data_interval_start), _plain(run.data_interval_end)
    if start is not None and end is not None and not start < end:
        raise _empty(run, f"is empty, [{start.isoformat()}, {end.isoformat()})")
    interval = Interval(low=start, high=end) if start is not None and end is not None else None
    if run_type(run) != "manual":
        if interval is None:
            raise _empty(run, "is missing")
        return interval
    if interval is not None and not cadence.is_slice(interval):
        return interval
    moment = _plain(run.logical_date or getattr(run, "run_after", None))
    if moment is None:
        raise _empty(run, "is missing, and so is the logical date")
    return slices.newest(moment, cadence)


def run_type(run: Run) -> str:
    """``scheduled``, ``manual``, ``backfill`` …: an enumeration's member on some Airflows, its value on others."""
    return str(getattr(run.run_type, "value", run.run_type))


def _plain(moment: datetime | None) -> datetime | None:
    """The same moment in UTC, without what pendulum adds: its differences know no remainder."""
    return None if moment is None else datetime.combine(utc(moment).date(), utc(moment).time(), UTC)


def _empty(run: Run, message: str) -> ConfigurationError:
    why = (
        "Airflow 3 gives a cron string or a preset such as @hourly an interval of zero width, and a DAG without a "
        "schedule none"
    )
    remedy = (
        "schedule the DAG by CronDataIntervalTimetable, as floodmark.airflow.dags does, or trigger it with a logical "
        "date and no interval of its own"
    )
    return ConfigurationError(
        [Problem(file=f"run {run.run_id}", path="data interval", message=f"{message}: {why}", remedy=remedy)]
    )
