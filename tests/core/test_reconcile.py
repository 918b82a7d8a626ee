"""What differs between two ends, and how much of it is looked into (R25)."""

from __future__ import annotations

import pytest

from floodmark.core import reconcile
from floodmark.core.checksum import Sum
from floodmark.core.ledger.portion import Buckets
from floodmark.core.reconcile import Differences, Standing, TargetRow

TEN = {number: Sum(rows=1_000, sum=number, xor=number) for number in range(10)}


@pytest.mark.parametrize(
    ("rows", "bits"),
    [(0, 4), (15_999, 4), (16_000, 5), (1_000_000, 10), (100_000_000, 16), (10**10, 16)],
)
def test_a_bucket_holds_about_a_thousand_rows(rows: int, bits: int) -> None:
    assert reconcile.bits(rows) == bits


def test_buckets_differ_by_count_sum_or_xor_or_by_being_there() -> None:
    other = {0: TEN[0], 1: Sum(rows=1_001, sum=1, xor=1), 2: Sum(rows=1_000, sum=1, xor=2), 11: TEN[1]}
    assert reconcile.differing(TEN, other) == (1, 2, 3, 4, 5, 6, 7, 8, 9, 11)


@pytest.mark.parametrize(
    ("share", "turn", "chosen"),
    [
        (0.25, 0, range(10)),  # 4 of 16 by share; but 10 thousand rows always
        (0.25, 1, [4, 5, 6, 7, 8, 9, 0, 1, 2, 3]),
        (1.0, 0, range(10)),
    ],
)
def test_a_share_of_the_buckets_is_looked_into_each_turn_another(share: float, turn: int, chosen: list[int]) -> None:
    found = reconcile.affordable(range(10), TEN, {}, bits=4, share=share, turn=turn)
    assert list(found) == list(chosen)


def test_no_more_rows_are_looked_into_than_memory_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "MOST_ROWS", 2_500)
    assert reconcile.affordable(range(10), TEN, {}, bits=4, share=1.0) == (0, 1)
    monkeypatch.setattr(reconcile, "MOST_ROWS", 10)
    assert reconcile.affordable(range(10), {}, TEN, bits=4, share=1.0) == (0,)


def test_a_small_share_of_a_large_table_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "ALWAYS_ROWS", 1)
    assert reconcile.affordable(range(10), TEN, {}, bits=4, share=0.1) == (0, 1)


def row(hash: int) -> TargetRow:
    """A row of current."""
    return TargetRow(hash=hash, key=(hash,))


def test_only_settled_rows_are_missing_or_changed_and_none_that_is_there_is_gone() -> None:
    source = {
        1: (Standing.SETTLED, 10), 2: (Standing.SETTLED, 20), 3: (Standing.SETTLED, 30),
        4: (Standing.REMOVED, 40), 5: (Standing.REMOVED, 50), 6: (Standing.LOOSE, 60), 7: (Standing.LOOSE, 70),
        8: (Standing.OUTSIDE, 80), 9: (Standing.OUTSIDE, 90),
    }  # fmt: skip
    target = {1: row(10), 2: row(99), 4: row(40), 6: row(99), 8: row(99), 11: row(11)}
    assert reconcile.compare(source, target) == Differences(missing=(3,), changed=(2, 4), deleted=(11,))


def test_few_keys_are_read_by_themselves_and_many_by_their_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Differences(missing=(1 << 59, 3), changed=(2,), deleted=(9 << 55,))
    assert reconcile.to_read(found, 4) == Buckets(bits=60, numbers=(2, 3, 1 << 59))
    monkeypatch.setattr(reconcile, "EXACT", 2)
    assert reconcile.to_read(found, 4) == Buckets(bits=4, numbers=(0, 8))


def test_a_hash_that_comes_twice_is_named() -> None:
    assert reconcile.twice([1, 2, 3]) is None
    assert reconcile.twice([1, 2, 3, 2]) == 2


def test_rows_without_a_key_lack_as_many_as_the_source_has_more_of_them() -> None:
    source = [(1, Standing.SETTLED, 10)] * 3 + [(2, Standing.SETTLED, 20)] + [(3, Standing.LOOSE, 30)]
    assert reconcile.lacking(source, [(1, TargetRow(hash=10, key=()))] * 3) == (2,)
    assert reconcile.lacking(source, [(key, TargetRow(hash=10 * key, key=())) for key in (1, 1, 2, 9)]) == (1,)
    assert reconcile.lacking(source, [(1, TargetRow(hash=11, key=()))] * 3) == (1, 2)
