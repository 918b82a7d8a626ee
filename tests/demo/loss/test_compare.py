"""How two tables are compared, and what was read again is counted."""

import pytest

from floodmark.demo.loss.compare import Difference, Reads, compare, per_million

SOURCE = {1: 10, 2: 20, 3: 30}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ([(1, 10), (2, 20), (3, 30)], Difference()),
        ([(1, 10), (3, 30)], Difference(lost=1)),
        ([(1, 10), (2, 19), (3, 30)], Difference(stale=1)),
        ([(1, 10), (2, 20), (2, 20), (3, 30)], Difference(doubled=1)),
        ([(1, 10), (2, 20), (2, 19), (3, 30)], Difference(doubled=1)),  # one of the two is right
        ([(1, 10), (2, 18), (2, 19), (3, 30)], Difference(doubled=1, stale=1)),
        ([(1, 10), (2, 20), (3, 30), (4, 40)], Difference(extra=1)),
        ([], Difference(lost=3)),
    ],
)
def test_each_kind_of_difference_is_told_apart(target, expected):
    assert compare(SOURCE, target) == expected


@pytest.mark.parametrize("found", [Difference(lost=1), Difference(stale=1), Difference(doubled=1), Difference(extra=1)])
def test_any_difference_is_one(found):
    assert Difference().none
    assert not found.none


def test_a_version_that_comes_twice_was_read_again():
    reads = Reads()
    reads.add([1, 2, 3])
    reads.add([3, 4])
    reads.add([3])
    assert (reads.rows, reads.again) == (6, 2)


def test_losses_are_given_for_each_million_written():
    assert per_million(3, 60_000) == 50.0
    assert per_million(0, 0) == 0.0
