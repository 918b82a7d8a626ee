"""Tables begin within ``stagger``, each always at the same moment."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from floodmark.core.time.stagger import delay

HALF = timedelta(minutes=30)
NAMES = [f"t{number}" for number in range(300)]


def test_a_table_always_begins_at_the_same_moment() -> None:
    assert delay("task_instance", HALF) == timedelta(seconds=849)


def test_all_begin_within_it_and_spread_over_it() -> None:
    delays = [delay(name, HALF) for name in NAMES]
    assert all(timedelta(0) <= one < HALF for one in delays)
    sixths = Counter(one // timedelta(minutes=5) for one in delays)
    assert all(30 <= sixths[number] <= 70 for number in range(6))  # 50 each, if they were spread evenly


def test_without_it_none_waits() -> None:
    assert delay("orders", timedelta(0)) == timedelta(0)
    assert delay("orders", timedelta(milliseconds=1)) == timedelta(0)
