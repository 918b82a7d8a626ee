"""A cadence cuts time into slices: an even one from midnight UTC on, a cron where it fires; no gap, no overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from floodmark.core.config import cadences
from floodmark.core.refused import Refused
from floodmark.core.time.cadence import Cadence, Cron, Every

YEAR = timedelta(days=366)
FROM = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana")
CRONS = ("0 */5 * * *", "30 2 * * *", "0 0 * * *", "0 9,17 * * MON-FRI", "0 0 1 * *")


def ticks(cadence: Cadence, first: datetime, last: datetime) -> list[datetime]:
    moments = [cadence.after(first)]
    while moments[-1] < last:
        moments.append(cadence.after(moments[-1]))
    return moments


def offset(moment: datetime, zone: str) -> timedelta | None:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def local(cadence: Cron, day: datetime) -> list[str]:
    """When it fires within 24 hours, by the zone's clocks."""
    moments = ticks(cadence, day - timedelta(microseconds=1), day + timedelta(days=1))
    return [f"{one.astimezone(ZoneInfo(cadence.timezone)):%H:%M}" for one in moments if one < day + timedelta(days=1)]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", CRONS)
def test_every_moment_of_a_year_lies_in_one_slice(cron: str, zone: str) -> None:
    """Also where the clocks change, in both directions: each slice ends where the next begins."""
    cadence = Cron(cron, zone)
    moments = ticks(cadence, FROM, FROM + YEAR)
    assert all(low < high for low, high in pairwise(moments))
    spans = list(pairwise(moments))
    changed = [(low, high) for low, high in spans if offset(low, zone) != offset(high, zone)]
    for low, high in spans[::61] + changed:
        for moment in (low, low + (high - low) / 2, high - timedelta(microseconds=1)):
            assert (cadence.boundary(moment), cadence.after(moment)) == (low, high)


def test_five_hours_dont_divide_a_day() -> None:
    cadence = Cron("0 */5 * * *")
    assert local(cadence, FROM) == ["00:00", "05:00", "10:00", "15:00", "20:00"]
    lengths = {high - low for low, high in pairwise(ticks(cadence, FROM, FROM + YEAR))}
    assert lengths == {timedelta(hours=5), timedelta(hours=4)}
    assert cadence.longest == timedelta(hours=5)
    assert round(cadence.mean / timedelta(hours=1), 2) == 4.8


@pytest.mark.parametrize(
    ("cron", "day", "fired"),
    [
        ("0 */5 * * *", datetime(2026, 3, 28, 23, tzinfo=UTC), ["00:00", "05:00", "10:00", "15:00", "20:00", "00:00"]),
        ("0 */5 * * *", datetime(2026, 10, 24, 22, tzinfo=UTC), ["00:00", "05:00", "10:00", "15:00", "20:00"]),
        ("30 2 * * *", datetime(2026, 3, 28, 23, tzinfo=UTC), ["03:30"]),  # 02:30 isn't
        ("30 2 * * *", datetime(2026, 10, 24, 22, tzinfo=UTC), ["02:30"]),  # 02:30 comes twice: the second
    ],
)
def test_where_the_clocks_change_it_fires_by_the_clock(cron: str, day: datetime, fired: list[str]) -> None:
    assert local(Cron(cron, "Europe/Berlin"), day) == fired


@pytest.mark.parametrize("day", [datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)])
@pytest.mark.parametrize(("cron", "minutes"), [("0 * * * *", 60), ("*/20 * * * *", 20)])
def test_a_cron_of_every_hour_goes_on_by_the_time_that_passes(day: datetime, cron: str, minutes: int) -> None:
    cadence = Cron(cron, "Europe/Berlin")
    moments = ticks(cadence, day, day + timedelta(hours=10))
    assert {high - low for low, high in pairwise(moments)} == {timedelta(minutes=minutes)}
    assert [cadence.boundary(one + timedelta(minutes=minutes / 2)) for one in moments] == moments


def test_the_longest_slice_counts_nights_and_weekends_and_rare_days() -> None:
    assert Cron("0 9-17 * * MON-FRI").longest == timedelta(hours=64)
    assert Cron("* * 1 1 *").longest == timedelta(days=365, minutes=1)
    assert Cron("0 0 1 * *").longest == timedelta(days=31)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cron", "a_year"),
    [
        ("0 9-17 * * MON-FRI", 9 * 262),
        ("*/15 * * * *", 4 * 24 * 366),
        ("0 0 1 * *", 12),
        ("30 4,22 L * *", 24),
        ("59 23 31 12 *", 1),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_mean_slice_is_a_years_share(cron: str, a_year: int, zone: str) -> None:
    """2024 has 262 weekdays."""
    assert Cron(cron, zone).mean / (timedelta(days=366) / a_year) == pytest.approx(1, rel=0.1)


def test_tables_of_one_cron_share_what_was_found_out_of_it() -> None:
    assert cadences.parse("5 4 * * *") is cadences.parse("5 4 * * *")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0 */5 * * *", Cron("0 */5 * * *")),
        ("0  9-17 * * mon-fri", Cron("0 9-17 * * MON-FRI")),
        ("@monthly", Cron("0 0 1 * *")),
        ("0 0 ? * MON", Cron("0 0 * * MON")),  # one cron, and so one DAG
        ({"cron": "0 0 * * *", "timezone": "Europe/Berlin"}, Cron("0 0 * * *", "Europe/Berlin")),
        ({"cron": "0 */5 * * *"}, Cron("0 */5 * * *")),
        ("0 * * * *", Every(timedelta(hours=1))),
        ("@daily", Every(timedelta(days=1))),
        ("@midnight", Every(timedelta(days=1))),
        ({"cron": "@hourly", "timezone": "UTC"}, Every(timedelta(hours=1))),
        ("15m", Every(timedelta(minutes=15))),
    ],
)
def test_a_cadence_as_one_writes_it(written: object, expected: Cadence) -> None:
    parsed = cadences.parse(written)
    assert parsed == expected
    assert cadences.parse(parsed.written) == parsed


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("0 0 31 2 *", "never fires"),
        ("60 * * * *", "is no cron that can be read"),
        ("0 0 * * * 30", "is no cron of five fields"),
        ("H H * * *", "is no cron of five fields"),
        ("R * * * *", "is no cron of five fields"),
        ("@once", "is no cron of five fields"),
        ("@continuous", "is no cron of five fields"),
        ("0 0 * *", "is no cron of five fields"),
        ({"cron": "0 0 * * *", "timezone": "Berlin"}, "is not the name of a time zone"),
        ({"cron": "0 0 * * *", "zone": "UTC"}, "is no cron with its zone"),
        ({"timezone": "UTC"}, "is no cron with its zone"),
        ({"cron": 5}, "is no cron with its zone"),
        ("5h", "does not divide"),
    ],
)
def test_what_is_no_cadence_is_refused(written: object, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        cadences.parse(written)
    assert refused.value.remedy


def test_hours_that_dont_divide_the_day_are_offered_as_a_cron() -> None:
    with pytest.raises(Refused) as refused:
        cadences.parse("5h")
    assert refused.value.remedy.endswith('"0 */5 * * *"')


def test_names_in_ids_tell_crons_apart() -> None:
    crons = ["0 1-5 * * *", "0 1/5 * * *", "0 1,5 * * *", "0 15 * * *", "0 1 5 * *"]
    assert len({Cron(one, zone).name for one in crons for zone in ("UTC", "Etc/GMT+5", "Etc/GMT-5")}) == 15
    assert Cron("0 */5 * * *", "Europe/Berlin").name == "0_x.by.5_x_x_x_Europe.by.Berlin"
