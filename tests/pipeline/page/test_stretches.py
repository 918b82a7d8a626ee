"""A table's time, cut where its state changes."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import escape

from floodmark.core.ledger.coverage import Segment
from floodmark.core.ledger.watermark import Basis
from floodmark.core.time.interval import Interval
from floodmark.pipeline.page import bars
from floodmark.pipeline.page.stretches import BUCKETS, Colour, binned, stretches
from tests.fakes.examples import ZERO
from tests.pipeline.page.many import HOUR, segment


def _told(coverage: tuple[Segment, ...], low: float, high: float) -> list[tuple[Colour, float, float]]:
    """Hours after the start."""
    cut = stretches(coverage, ZERO + low * HOUR, ZERO + high * HOUR)
    return [(one.colour, (one.interval.low - ZERO) / HOUR, (one.interval.high - ZERO) / HOUR) for one in cut]


def test_each_of_the_five_states_is_told_without_a_hole() -> None:
    half = Segment(interval=Interval(low=ZERO + 4 * HOUR, high=ZERO + 6 * HOUR), watermark=ZERO + 5 * HOUR)
    coverage = (segment(0, 1), segment(1, 2), segment(3, 4, basis=Basis.ASSUMED), half)
    assert _told(coverage, 0, 8) == [
        (Colour.SEALED, 0, 2), (Colour.MISSING, 2, 3), (Colour.ASSUMED, 3, 4), (Colour.SEALED, 4, 5),
        (Colour.PROVISIONAL, 5, 6), (Colour.DUE, 6, 8),
    ]  # fmt: skip


def test_what_lies_outside_is_cut_off_and_before_the_first_read_it_is_missing() -> None:
    assert _told((segment(2, 9),), 1, 4) == [(Colour.MISSING, 1, 2), (Colour.SEALED, 2, 4)]
    assert _told((segment(0, 3),), 5, 6) == [(Colour.DUE, 5, 6)]


def test_a_table_without_coverage_and_an_empty_time_have_none() -> None:
    assert _told((), 0, 3) == []
    assert _told((segment(0, 3),), 3, 3) == []


def test_a_year_without_incident_is_one_stretch_and_a_lone_hour_of_it_is_seen() -> None:
    year = 8_760
    high = ZERO + year * HOUR
    assert binned(stretches((segment(0, year),), ZERO, high), ZERO, high) == [(Colour.SEALED, 0, BUCKETS)]
    holed = stretches((segment(0, 100), segment(101, year)), ZERO, high)
    place = 100 * BUCKETS // year
    assert (Colour.MISSING, place, place + 1) in binned(holed, ZERO, high)


def test_a_bar_since_the_start_is_bounded_however_broken_its_time_was() -> None:
    coverage = tuple(segment(number, number + 0.5) for number in range(2_000))
    high = ZERO + 2_000 * HOUR
    drawn = escape(bars.since_start(stretches(coverage, ZERO, high), ZERO, high))
    assert drawn.count("M") <= BUCKETS
    assert "50.0% missing, 50.0% sealed" in drawn


def test_slices_of_a_minute_are_drawn_by_the_minute() -> None:
    low, minute = ZERO, timedelta(minutes=1)
    coverage = (segment(0, 1 / 60), segment(2 / 60, 1))
    drawn = escape(bars.recent(stretches(coverage, low, low + HOUR), low, low + HOUR))
    assert 'viewBox="0 0 60 10"' in drawn
    assert '<path class=m d="M1 5h1"/>' in drawn
    assert "missing 01 Nov 00:01 to 01 Nov 00:02" in drawn
    assert escape(bars.recent((), low, low + minute)) == ""


def test_a_missing_minute_of_a_year_is_not_nothing() -> None:
    high = ZERO + 8_760 * HOUR
    coverage = (segment(0, 10), segment(10 + 1 / 60, 8_760))
    assert "<title>&lt;0.1% missing, 99.9% sealed</title>" in escape(
        bars.since_start(stretches(coverage, ZERO, high), ZERO, high)
    )
