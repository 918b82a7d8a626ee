"""A cadence cuts time into slices, from midnight UTC on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from floodmark.core.refused import Refused
from floodmark.core.time import slices
from floodmark.core.time.cadence import Every

HOUR = timedelta(hours=1)
EACH = Every(HOUR)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 1, hour, minute, tzinfo=UTC)


def test_the_newest_slice_ends_at_the_last_boundary() -> None:
    found = slices.newest(at(10, 20), EACH)
    assert (found.low, found.high) == (at(9), at(10))
    assert slices.newest(at(10), EACH) == found  # 10:00 itself ends it


@pytest.mark.parametrize(("length", "low"), [(1, at(9)), (2, at(8)), (1.5, at(8))])
def test_looking_back_takes_whole_slices(length: float, low: datetime) -> None:
    found = slices.newest(at(10, 20), EACH, length * HOUR)
    assert (found.low, found.high) == (low, at(10))


def test_boundaries_are_those_of_utc() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    assert EACH.boundary(datetime(2026, 11, 1, 10, 45, tzinfo=india)) == at(5)  # 05:15 UTC
    with pytest.raises(ValueError, match="no time zone"):
        EACH.boundary(datetime(2026, 11, 1, 10))  # noqa: DTZ001


def test_an_interval_off_the_boundaries_is_refused_with_those_around_it() -> None:
    assert slices.between(at(3), at(5), EACH).width == 2 * HOUR
    with pytest.raises(Refused) as refused:
        slices.between(at(3, 30), at(5), EACH)
    assert refused.value.remedy == "write 2026-11-01T03:00:00Z or 2026-11-01T04:00:00Z"
    with pytest.raises(Refused, match="is not before"):
        slices.between(at(5), at(5), EACH)
