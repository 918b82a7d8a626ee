"""The hour that a clock shows twice lies in every interval that meets either of its showings (R7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from floodmark.core.time.interval import Interval
from floodmark.core.time.wall_clock import wall_clock


@pytest.mark.parametrize(
    ("low", "high", "first", "last"),
    [
        ("10-25T00:00", "10-25T01:30", "10-25T02:00", "10-25T03:00"),
        ("10-25T00:30", "10-25T01:30", "10-25T02:00", "10-25T03:00"),
        ("10-25T00:30", "10-25T02:30", "10-25T02:00", "10-25T03:30"),
        ("10-25T00:30", "10-25T01:00", "10-25T02:30", "10-25T03:00"),
        ("10-25T01:00", "10-25T01:30", "10-25T02:00", "10-25T02:30"),
        ("03-29T00:30", "03-29T01:30", "03-29T01:30", "03-29T03:30"),
    ],
)
def test_an_interval_in_whose_middle_the_clock_is_changed_holds_all_that_it_shows(
    low: str, high: str, first: str, last: str
) -> None:
    """Berlin, at 01:00 UTC: on 25 October from 03:00 to 02:00, on 29 March from 02:00 to 03:00."""
    interval = Interval(
        low=datetime.fromisoformat(f"2026-{low}").replace(tzinfo=UTC),
        high=datetime.fromisoformat(f"2026-{high}").replace(tzinfo=UTC),
    )
    expected = (datetime.fromisoformat(f"2026-{first}"), datetime.fromisoformat(f"2026-{last}"))
    assert wall_clock(interval, "Europe/Berlin") == expected
