"""Bounds for cursors without a zone: both ends of an interval, and the hours that a clock shows twice or never."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodmark.core.time.interval import Interval
from floodmark.core.time.wall_clock import days, wall_clock

BERLIN = "Europe/Berlin"


def hours(day: datetime, low: int, high: int) -> Interval:
    return Interval(low=day.replace(hour=low), high=day.replace(hour=high))


AUTUMN = datetime(2026, 10, 25, tzinfo=UTC)  # 01:00 UTC: 03:00 -> 02:00
SPRING = datetime(2026, 3, 29, tzinfo=UTC)  # 01:00 UTC: 02:00 -> 03:00


@pytest.mark.parametrize(
    ("interval", "low", "high"),
    [
        (hours(AUTUMN, 0, 1), "2026-10-25T02:00", "2026-10-25T03:00"),
        (hours(AUTUMN, 1, 2), "2026-10-25T02:00", "2026-10-25T03:00"),  # shown twice: read by both
        (hours(AUTUMN, 0, 2), "2026-10-25T02:00", "2026-10-25T03:00"),
        (hours(AUTUMN, 2, 3), "2026-10-25T03:00", "2026-10-25T04:00"),
        (hours(SPRING, 0, 1), "2026-03-29T01:00", "2026-03-29T02:00"),
        (hours(SPRING, 1, 2), "2026-03-29T03:00", "2026-03-29T04:00"),  # 02:00 to 03:00 is never shown
    ],
)
def test_an_interval_is_read_as_the_clock_on_the_wall_shows_it(interval, low, high):
    assert wall_clock(interval, BERLIN) == (datetime.fromisoformat(low), datetime.fromisoformat(high))


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(1, 400_000),
    st.floats(0, 0.999_999),
    st.sampled_from([BERLIN, "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns", "UTC"]),
)
def test_every_moment_of_an_interval_is_shown_within_its_bounds(low, seconds, share, zone):
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    interval = Interval(low=low, high=low + timedelta(seconds=seconds))
    first, last = wall_clock(interval, zone)
    shown = (low + timedelta(seconds=seconds * share)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert first <= shown < last


def test_a_date_cursor_is_read_by_whole_days():
    interval = Interval(low=datetime(2026, 11, 1, 22, 30, tzinfo=UTC), high=datetime(2026, 11, 1, 23, 0, tzinfo=UTC))
    assert days(interval, "UTC") == (date(2026, 11, 1), date(2026, 11, 2))
    assert days(interval, BERLIN) == (date(2026, 11, 1), date(2026, 11, 2))  # 23:30 to midnight
    later = Interval(low=interval.low, high=datetime(2026, 11, 1, 23, 1, tzinfo=UTC))
    assert days(later, BERLIN) == (date(2026, 11, 1), date(2026, 11, 3))
