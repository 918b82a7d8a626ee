"""Ranges hold the partitions they were made from, and a split holds each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodmark.core.bigquery import partitions
from floodmark.core.bigquery.partitions import Partitioning, Pruning, following, parse, prune, spanning, split
from floodmark.core.time.interval import Interval

UNITS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
DAY = Partitioning(column="d", type="DATE", unit="day")
moments = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31, 23, 59), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Partitioning, list[str | None]]:
    unit = draw(st.sampled_from(sorted(UNITS)))
    values = draw(st.lists(moments.map(lambda at: at.strftime(UNITS[unit])), max_size=40))
    near = [parse(value, unit) for value in values]
    values += [after.strftime(UNITS[unit]) for at in near[:5] if (after := following(at, unit))]
    return Partitioning(column="c", type="TIMESTAMP", unit=unit), [*values, *draw(st.sampled_from([[], [None]]))]


def holds(pruning: Pruning, value: str | None, unit: str) -> bool:
    if value is None:
        return pruning.null
    at = parse(value, unit)
    return any((not low or low.at <= at) and (not high or at < high.at) for low, high in pruning.ranges)


@given(cuts(), st.integers(1, 8))
def test_ranges_hold_every_value_and_are_few(cut: tuple[Partitioning, list[str | None]], most: int) -> None:
    partitioning, values = cut
    pruning = prune(partitioning, values, most_ranges=most)
    assert all(holds(pruning, value, partitioning.unit) for value in values)
    assert pruning.null == (None in values)
    assert len(pruning.ranges) <= most


@given(cuts())
def test_ranges_hold_nothing_else_where_they_may_be_many(cut: tuple[Partitioning, list[str | None]]) -> None:
    partitioning, values = cut
    pruning = prune(partitioning, values)
    for low, high in pruning.ranges:
        at = low.at if low else None
        while at is not None and (high is None or at < high.at):
            assert at in {parse(value, partitioning.unit) for value in values if value}
            at = following(at, partitioning.unit)


@given(cuts(), st.integers(1, 5), st.booleans())
def test_each_value_is_in_exactly_one_part_of_a_split(
    cut: tuple[Partitioning, list[str | None]], most: int, whole: bool
) -> None:
    partitioning, values = cut
    parts = list(split(partitioning, values, whole=whole, most=most))
    for value in values:
        assert sum(holds(part, value, partitioning.unit) for part in parts) == 1


@given(cuts(), st.integers(1, 5), moments)
def test_a_whole_split_holds_whatever_current_holds(
    cut: tuple[Partitioning, list[str | None]], most: int, other: datetime
) -> None:
    partitioning, values = cut
    parts = list(split(partitioning, values, whole=True, most=most))
    assert sum(holds(part, other.strftime(UNITS[partitioning.unit]), partitioning.unit) for part in parts) == 1
    assert sum(part.null for part in parts) == 1


def test_neighbours_become_one_range() -> None:
    days = [(datetime(2026, 12, 30, tzinfo=UTC) + timedelta(days=n)).strftime("%Y-%m-%d") for n in range(4)]
    ((low, high),) = prune(DAY, days).ranges
    assert low is not None
    assert high is not None
    assert (low.at.date().isoformat(), high.at.date().isoformat()) == ("2026-12-30", "2027-01-03")


def test_the_smallest_gaps_are_given_up_first() -> None:
    ranges = prune(DAY, ["2026-01-01", "2026-01-03", "2026-06-01"], most_ranges=2).ranges
    assert [low.at.day for low, _ in ranges if low] == [1, 1]
    assert [low.at.month for low, _ in ranges if low] == [1, 6]


def test_the_last_year_has_no_end() -> None:
    ((low, high),) = prune(Partitioning(column="d", type="DATE", unit="year"), ["9999"]).ranges
    assert low is not None
    assert high is None


def test_a_value_of_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-11"):
        prune(DAY, ["2026-11"])


@given(
    st.datetimes(datetime(1930, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(microseconds=1), timedelta(days=3)),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.sampled_from(["TIMESTAMP", "DATETIME", "DATE"]),
)
def test_an_interval_spans_every_value_that_a_cursor_in_it_shows(
    low: datetime, width: timedelta, place: float, zone: str, kind: str
) -> None:
    interval = Interval(low=low, high=low + width)
    moment = min(low + width * place, interval.high - timedelta(microseconds=1))
    shown = moment if kind == "TIMESTAMP" else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    if kind == "DATE":
        shown = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    [(first, last)] = spanning(Partitioning(column="at", type=kind, unit="day"), [interval], zone).ranges
    assert first is not None
    assert last is not None
    assert first.at <= shown < last.at
    assert last.at - first.at <= width + timedelta(days=2)


@given(cuts(), st.integers(1, 8))
def test_pieces_that_meet_hold_every_value_once_and_few_each(
    cut: tuple[Partitioning, list[str | None]], most: int
) -> None:
    partitioning, values = cut
    known = {value for value in values if value is not None}
    pieces = list(partitions.meeting(partitioning, partitions.cuts(known, most=most)))
    assert all(sum(holds(piece, value, partitioning.unit) for piece in pieces) == 1 for value in {*values, "x"} - {"x"})
    assert all(sum(holds(piece, value, partitioning.unit) for value in known) <= most for piece in pieces)
    assert [piece.null for piece in pieces] == [True, *[False] * (len(pieces) - 1)]


def test_one_piece_needs_no_cut() -> None:
    assert partitions.cuts(["2026-01-01", "2026-01-02"], most=2) == ()
    assert partitions.cuts(["2026-01-03", "2026-01-01", "2026-01-02"], most=2) == ("2026-01-03",)


def test_what_lies_outside_bigquerys_years_shares_one_partition() -> None:
    values = ["1959-12-31", "1960-01-01", "2159-12-31", "2160-01-01", "9999-01-01", None]
    assert partitions.outside(values) == ("1959-12-31", "2160-01-01", "9999-01-01")
    assert partitions.held(values) == {"1960-01-01", "2159-12-31", "__NULL__", "__UNPARTITIONED__"}


@pytest.mark.parametrize(
    ("low", "high", "unit", "count"),
    [
        ("1935-03-01", "1962-07-17", "day", 10_001),
        ("2026-01-01", "2026-01-01", "day", 1),
        ("2026-01-01", "2027-02-21", "hour", 9_985),
        ("2026-01-01T23:00", "2026-01-02T01:00", "day", 2),
        ("2026-01-01T10:59", "2026-01-01T11:00", "hour", 2),
        ("1926-05-01", "2026-04-30", "month", 1_200),
        ("1926-05-01", "2026-04-30", "year", 101),
    ],
)
def test_partitions_from_one_moment_to_another(low: str, high: str, unit: str, count: int) -> None:
    """A birth date by day is full after 27 years; hours are after 416 days (416 * 24 + 1)."""
    ends = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (low, high))
    assert partitions.between(*ends, unit) == count


@pytest.mark.parametrize(
    ("before", "after", "most", "peak"),
    [
        ("abc", "def", 9, 3),  # one job: they go and come at once
        ("def", "abc", 3, 6),  # the first job only brings
        ("abc", "def", 3, 3),  # the first job only takes away
        ("abcdef", "abcdef", 2, 6),
        ("", "abcd", 2, 4),
        ("abcd", "", 2, 4),
    ],
)
def test_a_table_may_have_more_partitions_while_it_is_replaced(before: str, after: str, most: int, peak: int) -> None:
    assert partitions.peak(set(before), set(after), most=most) == peak
