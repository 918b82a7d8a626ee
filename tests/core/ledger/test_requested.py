"""What a run has to read whole: its own interval, and what nobody has read around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floodmark.core.ledger.coverage import Coverage, Segment
from floodmark.core.ledger.requested import Requester, asked, day
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(low: int, high: int) -> Interval:
    return Interval(low=START + low * HOUR, high=START + high * HOUR)


def covered(*intervals: Interval) -> Coverage:
    return tuple(Segment(interval=interval, watermark=None) for interval in intervals)


DAY = hours(0, 24)


@pytest.mark.parametrize("by", [Requester.SCHEDULE, Requester.BACKFILL])
def test_an_unread_slice_takes_its_whole_unread_day_with_it(by):
    assert asked(hours(5, 6), by, (), (), DAY) == (DAY,)
    assert asked(hours(5, 6), by, covered(hours(0, 3), hours(7, 20)), (), DAY) == (hours(3, 7), hours(20, 24))


@pytest.mark.parametrize("days", [60, pytest.param(365, marks=pytest.mark.long)])
def test_hours_take_as_many_reads_as_they_have_days(days):
    coverage: Coverage = ()
    reads = 0
    for number in range(days * 24):
        interval = hours(number, number + 1)
        around = day(interval, START, START + timedelta(days=days), Every(HOUR))
        if wanted := asked(interval, Requester.SCHEDULE, coverage, (), around):
            reads += 1
            coverage = (*coverage, *covered(*wanted))
    assert reads == days
    assert len(coverage) == days


def test_the_schedule_leaves_what_is_covered_as_it_was_read():
    assert asked(hours(5, 6), Requester.SCHEDULE, covered(DAY), (), DAY) == ()
    assert asked(hours(5, 7), Requester.SCHEDULE, covered(hours(0, 6)), (), hours(0, 7)) == (hours(6, 7),)


def test_a_backfill_reads_again_what_was_read_but_not_what_was_read_ahead_for_it():
    assert asked(hours(5, 6), Requester.BACKFILL, covered(DAY), (), DAY) == (hours(5, 6),)
    assert asked(hours(5, 6), Requester.BACKFILL, covered(DAY), [hours(4, 8)], DAY) == ()
    assert asked(hours(5, 9), Requester.BACKFILL, covered(DAY), [hours(4, 8)], DAY) == (hours(8, 9),)


def test_a_person_gets_just_the_interval_that_was_asked_for():
    assert asked(hours(5, 6), Requester.PERSON, (), [hours(5, 6)], DAY) == (hours(5, 6),)


@pytest.mark.parametrize(
    ("interval", "now", "expected"),
    [
        (hours(5, 6), 30, hours(2, 24)),  # from the table's start, at 02:00, to midnight
        (hours(5, 6), 9.5, hours(2, 9)),  # to the last full slice
        (hours(5, 6), 5, hours(2, 6)),  # never less than what was asked for
        (hours(22, 26), 60, hours(2, 48)),
        (hours(23, 24), 60, hours(2, 24)),  # an end at midnight touches no other day
        (hours(1, 3), 60, hours(1, 24)),
    ],
)
def test_the_days_that_an_interval_touches(interval, now, expected):
    assert day(interval, START + 2 * HOUR, START + now * HOUR, Every(HOUR)) == expected
