"""Intervals behave as the sets of moments that they stand for."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.time.interval import Interval, merge, subtract, utc

ZERO = datetime(2026, 11, 1, tzinfo=UTC)
END = 12


def at(number: int) -> datetime:
    return ZERO + timedelta(hours=number)


def of(low: int, high: int) -> Interval:
    return Interval(low=at(low), high=at(high))


intervals = (
    st.tuples(st.integers(0, END), st.integers(0, END)).filter(lambda p: p[0] != p[1]).map(lambda p: of(*sorted(p)))
)
several = st.lists(intervals, max_size=5)


def points(*found: Interval | None) -> set[int]:
    """The hours that lie inside: the model."""
    return {hour for hour in range(END + 1) for interval in found if interval and at(hour) in interval}


def apart(found: tuple[Interval, ...]) -> bool:
    """In order, and neither overlapping nor touching."""
    return all(a.high < b.low for a, b in itertools.pairwise(found))


@settings(deadline=None)
@given(several)
def test_merging_keeps_the_moments_in_the_fewest_intervals(found) -> None:
    merged = merge(found)
    assert points(*merged) == points(*found)
    assert apart(merged)


@settings(deadline=None)
@given(several, several)
def test_subtracting_leaves_what_no_part_holds(whole, parts) -> None:
    left = subtract(whole, parts)
    assert points(*left) == points(*whole) - points(*parts)
    assert apart(left)


@settings(deadline=None)
@given(intervals, intervals)
def test_two_intervals_share_what_their_sets_share(a: Interval, b: Interval) -> None:
    assert points(a.intersect(b)) == points(a) & points(b)
    assert a.meets(b) == bool(points(a) & points(b))
    assert points(*a.subtract(b)) == points(a) - points(b)


@settings(deadline=None)
@given(intervals, st.integers(0, END))
def test_a_moment_cuts_an_interval_in_two(interval: Interval, hour: int) -> None:
    assert points(interval.before(at(hour))) == {p for p in points(interval) if p < hour}
    assert points(interval.since(at(hour))) == {p for p in points(interval) if p >= hour}


def test_without_a_moment_nothing_lies_before() -> None:
    assert of(1, 3).before(None) is None
    assert of(1, 3).since(None) == of(1, 3)


@pytest.mark.parametrize(("low", "high"), [(3, 3), (4, 3)])
def test_an_empty_interval_is_refused_with_its_bounds(low: int, high: int) -> None:
    with pytest.raises(ValueError, match=r"empty interval \[2026-11-01T0.*low must be before high"):
        of(low, high)


def test_a_naive_moment_is_refused_with_the_remedy() -> None:
    naive = datetime(2026, 11, 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match=r"has no time zone; give it one, e\.g\. 2026-11-01T00:00:00\+00:00"):
        utc(naive)
    with pytest.raises(ValueError, match="has no time zone"):
        Interval(low=naive, high=at(1))


def test_bounds_in_another_zone_become_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    interval = Interval(low=at(0).astimezone(berlin), high=at(1).astimezone(berlin))
    assert interval == of(0, 1)
    assert str(interval) == "[2026-11-01T00:00:00+00:00, 2026-11-01T01:00:00+00:00)"
    assert interval.width == timedelta(hours=1)
