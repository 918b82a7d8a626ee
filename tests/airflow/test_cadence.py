"""A cron's slices are the intervals of Airflow's own timetable, a whole year long, with both changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pendulum
import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable

from floodmark.airflow.interval import interval_of
from floodmark.core.time import slices
from floodmark.core.time.cadence import Cron
from floodmark.core.time.interval import Interval, merge
from tests.airflow.test_interval import Run

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
START = pendulum.instance(FIRST)
YEAR, SECOND = timedelta(days=366), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("cron", "zone"),
    [
        ("0 0 * * *", "America/Havana"),
        ("30 2 * * *", "Europe/Berlin"),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (
                ("0 */5 * * *", "Europe/Berlin"),
                ("0 */8 * * *", "America/New_York"),
                ("0 9,17 * * MON-FRI", "Australia/Lord_Howe"),
            )
        ),
    ],
)
def test_each_run_of_a_year_reads_the_newest_slice_and_no_moment_is_left_out(cron: str, zone: str) -> None:
    cadence, timetable = Cron(cron, zone), CronDataIntervalTimetable(cron, timezone=zone)
    restriction = TimeRestriction(earliest=START, latest=None, catchup=True)
    last, read = None, []
    while (run := timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)) and (
        run.data_interval.start < START + YEAR
    ):
        last = run.data_interval
        scheduled = Run(run_type="scheduled", data_interval_start=last.start, data_interval_end=last.end)
        slice_ = interval_of(scheduled, cadence)
        assert slices.newest(slice_.high + SECOND, cadence) == slice_
        assert interval_of(Run(run_type="manual", logical_date=slice_.high + SECOND), cadence) == slice_
        read.append(slice_)
    assert len(read) > 250
    assert merge(read) == (Interval(low=read[0].low, high=read[-1].high),)
