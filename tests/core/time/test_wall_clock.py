"""Bounds for cursors without a zone: both ends of an interval, and the hours that a clock shows twice or never."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.time.cadence import LENGTHS, Every
from floodmark.core.time.interval import Interval
from floodmark.core.time.units import DAY
from floodmark.core.time.wall_clock import clock_time, days, probes, wall_clock

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
        (hours(SPRING, 0, 1), "2026-03-29T01:00", "2026-03-29T03:00"),  # 02:00 to 03:00 is never shown: in both
        (hours(SPRING, 1, 2), "2026-03-29T02:00", "2026-03-29T04:00"),
        (hours(SPRING, 2, 3), "2026-03-29T04:00", "2026-03-29T05:00"),
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
    interval = Interval(low=low, high=low + timedelta(seconds=seconds))
    first, last = wall_clock(interval, zone)
    shown = (low + timedelta(seconds=seconds * share)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert first <= shown < last


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [15, 60, 180])
@pytest.mark.parametrize(
    ("zone", "change"),
    [
        (BERLIN, "2026-10-25T01:00"),
        (BERLIN, "2026-03-29T01:00"),
        ("Europe/Lisbon", "2026-10-25T01:00"),
        ("America/New_York", "2026-11-01T06:00"),
        ("Australia/Lord_Howe", "2026-04-04T15:00"),
        ("Australia/Lord_Howe", "2026-10-03T15:30"),
        ("Africa/Casablanca", "2026-02-15T02:00"),
    ],
)
def test_what_a_clock_shows_twice_is_in_the_slice_of_either_moment(zone, change, minutes):
    """Every minute of some hours around a change: whoever wrote the time then, by either reading of it."""
    cadence = timedelta(minutes=minutes)
    for minute in range(-300, 300):
        moment = datetime.fromisoformat(change).replace(tzinfo=UTC) + timedelta(minutes=minute)
        low = Every(cadence).boundary(moment)
        first, last = wall_clock(Interval(low=low, high=low + cadence), zone)
        assert first <= clock_time(moment, zone) < last, moment


def test_a_date_cursor_is_read_by_whole_days():
    interval = Interval(low=datetime(2026, 11, 1, 22, 30, tzinfo=UTC), high=datetime(2026, 11, 1, 23, 0, tzinfo=UTC))
    assert days(interval, "UTC") == (date(2026, 11, 1), date(2026, 11, 2))
    assert days(interval, BERLIN) == (date(2026, 11, 1), date(2026, 11, 2))  # 23:30 to midnight
    later = Interval(low=interval.low, high=datetime(2026, 11, 1, 23, 1, tzinfo=UTC))
    assert days(later, BERLIN) == (date(2026, 11, 1), date(2026, 11, 3))


ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@cache
def changes(zone):
    """When the zone's clock was changed since 1970, to an hour: the whole hours (UTC) right before."""
    clock, hour = ZoneInfo(zone), timedelta(hours=1)
    low, end, seen = datetime(1970, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC), []
    while low < end:
        high = low + timedelta(days=8)
        if low.astimezone(clock).utcoffset() != high.astimezone(clock).utcoffset():
            left, right = low, high
            while right - left > hour:
                middle = left + (right - left) // hour // 2 * hour
                same = middle.astimezone(clock).utcoffset() == low.astimezone(clock).utcoffset()
                left, right = (middle, right) if same else (left, middle)
            seen.append(left)
        low = high
    return tuple(seen) or (datetime(2026, 3, 29, tzinfo=UTC),)


def standing_for(naive, zone):
    """The instant that PostgreSQL's AT TIME ZONE takes a local time for (held in tests/adapters/postgres).

    What no clock showed is counted by the offset before the jump, what it showed twice by the one after.
    """
    first, second = (naive.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    skipped = first.utcoffset() < second.utcoffset()
    return (first if skipped else second).astimezone(UTC)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from(LENGTHS), st.integers(-30 * 3600, 30 * 3600), st.data())
def test_every_local_time_lies_in_the_slice_that_it_stands_for(zone, cadence, seconds, data):
    near = data.draw(st.sampled_from(changes(zone)))
    naive = near.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(seconds=seconds)
    low = Every(cadence).boundary(standing_for(naive, zone))
    first, last = wall_clock(Interval(low=low, high=low + cadence), zone)
    assert first <= naive < last
    day, after = days(Interval(low=low, high=low + cadence), zone)
    assert day <= naive.date() < after


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), st.sampled_from(LENGTHS), st.integers(-30, 30), st.data())
def test_the_bounds_of_neighbouring_slices_meet(zone, cadence, hours, data):
    near = data.draw(st.sampled_from(changes(zone))) + timedelta(hours=hours)
    low = Every(cadence).boundary(near)
    one, next_one = (Interval(low=low + cadence * n, high=low + cadence * (n + 1)) for n in (0, 1))
    assert wall_clock(next_one, zone)[0] <= wall_clock(one, zone)[1]
    assert days(next_one, zone)[0] <= days(one, zone)[1]


@pytest.mark.parametrize(
    ("zone", "until", "cadence", "skipped"),
    [
        (BERLIN, "2026-03-29T01:00", "1:00", "2026-03-29T02:30"),
        ("America/New_York", "2026-03-08T07:00", "1:00", "2026-03-08T02:30"),
        ("Europe/Lisbon", "2026-03-29T01:00", "1:00", "2026-03-29T01:30"),
        ("Africa/Casablanca", "2026-03-22T02:00", "1:00", "2026-03-22T02:30"),
        ("Asia/Beirut", "2026-03-28T22:00", "1:00", "2026-03-29T00:30"),
        ("America/Sao_Paulo", "2018-11-04T03:00", "3:00", "2018-11-04T00:30"),
        ("Australia/Lord_Howe", "2026-10-03T15:30", "0:15", "2026-10-04T02:20"),
        ("Pacific/Apia", "2011-12-30T10:00", "1:00", "2011-12-30T23:59"),
    ],
)
def test_the_slice_that_ends_at_a_jump_takes_in_all_that_no_clock_shows(zone, until, cadence, skipped):
    high = datetime.fromisoformat(until).replace(tzinfo=UTC)
    hours, minutes = map(int, cadence.split(":"))
    interval = Interval(low=high - timedelta(hours=hours, minutes=minutes), high=high)
    first, last = wall_clock(interval, zone)
    assert first <= datetime.fromisoformat(skipped) < last == clock_time(high, zone)


def test_a_day_that_no_calendar_has_is_read():
    """Samoa had no 30 December 2011: it crossed the date line at the end of the 29th."""
    jump = datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert days(Interval(low=jump - DAY / 24, high=jump), "Pacific/Apia") == (date(2011, 12, 29), date(2011, 12, 31))
    assert days(Interval(low=jump, high=jump + DAY / 24), "Pacific/Apia") == (date(2011, 12, 30), date(2012, 1, 1))


def test_other_rules_of_a_zone_show_at_one_of_the_probes():
    """Were Berlin's clock never changed again, one of the probes would tell, for each slice that this bounds anew."""
    for number in range(-30, 31):
        low = SPRING + timedelta(hours=number)
        interval = Interval(low=low, high=low + timedelta(hours=1))
        standing_still = (
            (low + timedelta(hours=1)).replace(tzinfo=None),
            (low + timedelta(hours=2)).replace(tzinfo=None),
        )
        if wall_clock(interval, BERLIN) != standing_still:
            winter = [(moment + timedelta(hours=1)).replace(tzinfo=None) for moment in probes(interval, BERLIN)]
            assert [clock_time(moment, BERLIN) for moment in probes(interval, BERLIN)] != winter
