"""One function turns a run into its interval, the same on both Airflows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pendulum
import pytest

from floodmark.airflow.interval import interval_of
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError

HOUR = timedelta(hours=1)


class RunType(StrEnum):
    SCHEDULED = "scheduled"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(kw_only=True)
class Run:
    """A ``dag_run``, of either Airflow."""

    run_type: object
    run_id: str = "a_run"
    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None


@dataclass(kw_only=True)
class Run3(Run):
    """Airflow 3's has a moment more."""

    run_after: datetime | None = None


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 2, hour, minute, tzinfo=UTC)


def hours(low: int, high: int) -> Interval:
    return Interval(low=at(low), high=at(high))


@pytest.mark.parametrize("run_type", [RunType.SCHEDULED, RunType.BACKFILL, "scheduled", "backfill"])
def test_scheduled_and_backfilled_runs_are_taken_at_their_word(run_type):
    run = Run(run_type=run_type, logical_date=at(9), data_interval_start=at(9), data_interval_end=at(10))
    assert interval_of(run, Every(HOUR)) == hours(9, 10)


@pytest.mark.parametrize(
    ("logical", "expected"),
    [
        (at(10), hours(9, 10)),  # on a boundary: the hour before it, as `dags test` has it
        (at(10, 1), hours(9, 10)),
        (at(10, 59), hours(9, 10)),
    ],
)
@pytest.mark.parametrize("given", [(at(22), at(23)), (at(9), at(10)), (None, None)])
def test_a_manual_run_with_a_logical_date_reads_the_last_full_hour_before_it(logical, expected, given):
    """Airflow 3 gives the hour before now instead (22-23 here), or none."""
    run = Run(run_type="manual", logical_date=logical, data_interval_start=given[0], data_interval_end=given[1])
    assert interval_of(run, Every(HOUR)) == expected


def test_a_manual_run_without_a_logical_date_reads_the_last_full_hour_before_it_was_asked_for():
    assert interval_of(Run3(run_type="manual", run_after=at(10, 30)), Every(HOUR)) == hours(9, 10)


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        (timedelta(minutes=15), Interval(low=at(10, 15), high=at(10, 30))),  # 10:40 -> 10:30
        (timedelta(hours=3), hours(6, 9)),  # boundaries 0, 3, 6, 9
        (timedelta(hours=24), Interval(low=at(0) - timedelta(days=1), high=at(0))),
    ],
)
def test_full_cadences_are_counted_from_midnight(cadence, expected):
    assert interval_of(Run(run_type="manual", logical_date=at(10, 40)), Every(cadence)) == expected


def test_an_interval_given_by_hand_is_honoured():
    run = Run(run_type="manual", logical_date=at(20), data_interval_start=at(3), data_interval_end=at(7))
    assert interval_of(run, Every(HOUR)) == hours(3, 7)


@pytest.mark.parametrize("run_type", ["scheduled", "backfill", "manual"])
def test_a_zero_width_interval_is_refused_with_the_reason_and_the_remedy(run_type):
    run = Run(run_type=run_type, run_id="r1", logical_date=at(9), data_interval_start=at(9), data_interval_end=at(9))
    with pytest.raises(ConfigurationError, match=r"run r1: data interval: is empty.*zero width.*CronDataInterval"):
        interval_of(run, Every(HOUR))


@pytest.mark.parametrize("run_type", ["scheduled", "asset_triggered"])
def test_a_run_that_the_scheduler_made_without_an_interval_is_refused(run_type):
    with pytest.raises(ConfigurationError, match="is missing"):
        interval_of(Run(run_type=run_type, logical_date=at(9)), Every(HOUR))


def test_pendulums_moments_become_plain_ones_in_utc():
    berlin = pendulum.datetime(2026, 11, 2, 11, 30, tz="Europe/Berlin")  # 10:30 UTC
    found = interval_of(Run(run_type="manual", logical_date=berlin), Every(HOUR))
    assert found == hours(9, 10)
    assert type(found.low) is datetime
