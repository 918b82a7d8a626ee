"""What two ends' numbers say, and how often they are asked (R36)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core import balance
from floodmark.core.balance import DAILY_BYTES, DAY, WEEK
from floodmark.core.checksum import Sum
from floodmark.core.config.limits import BILLED_AT_LEAST
from floodmark.core.ledger.balance import RANGES, Balance, Census, Counts, Keys, Stretch

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def counts(expected: int, standing: int, movable: int = 0) -> Counts:
    return Counts(at=NOW, source=Census(), current=9, expected=expected, movable=movable, standing=standing)


def test_movable_rows_are_neither_missing_nor_too_many() -> None:
    assert [(one.missing, one.surplus) for one in (counts(5, 5), counts(5, 4), counts(5, 7, 2), counts(5, 8, 2))] == [
        (0, 0), (1, 0), (0, 0), (0, 1),
    ]  # fmt: skip


def test_a_range_of_as_many_but_other_keys_lacks_one_and_has_one_too_many() -> None:
    one, other, more = (Sum(rows=rows, sum=sum_, xor=sum_) for rows, sum_ in ((2, 3), (2, 4), (3, 9)))
    assert balance.of_keys(NOW, {1: one, 2: one}, {1: one, 2: other}) == Keys(at=NOW, missing=1, surplus=1)
    assert balance.of_keys(NOW, {1: more}, {1: one, 3: one}) == Keys(at=NOW, missing=1, surplus=2)


@settings(deadline=None)  # the machine may be busy
@given(st.floats(0.001, 1))
def test_the_shares_of_a_month_cover_every_range(share: float) -> None:
    rows: tuple[Stretch, ...] = ()
    for number in range(10_000):
        low, high = balance.next_stretch(rows, share)
        rows = balance.with_stretch(rows, Stretch(at=NOW + timedelta(seconds=number), low=low, high=high))
        if high == RANGES:
            break
    covered, _ = Balance(rows=rows).share(NOW)
    assert (covered, number < 1 / share + 1) == (1, True)


def test_a_table_that_costs_no_less_by_a_share_is_compared_whole() -> None:
    shares = [balance.wanted_share(0.1, processed) for processed in (0, BILLED_AT_LEAST, BILLED_AT_LEAST + 1)]
    assert shares == [1, 1, 0.1]


def test_a_newer_stretch_takes_the_place_of_what_it_covers() -> None:
    old = Stretch(at=NOW, low=0, high=100, differing=2)
    new = Stretch(at=NOW + DAY, low=40, high=60)
    rows = balance.with_stretch((old,), new)
    assert [(one.low, one.high) for one in rows] == [(0, 40), (60, 100), (40, 60)]
    assert balance.with_stretch((old,), Stretch(at=NOW + 40 * DAY, low=500, high=501))[0].low == 500


def test_a_costly_comparison_is_weekly_and_a_forbidden_one_never() -> None:
    assert (balance.every(DAILY_BYTES, None), balance.every(DAILY_BYTES + 1, None)) == (DAY, WEEK)
    assert (balance.every(10**12, 10**12), balance.every(10**12 + 1, 10**12)) == (DAY, None)
    assert balance.due(None, NOW, DAY)
    assert not balance.due(NOW - timedelta(hours=5), NOW, DAY)
    assert balance.due(NOW - timedelta(hours=23), NOW, DAY)
