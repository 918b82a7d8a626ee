"""Long things told briefly: at three in the morning nobody reads 113,118 hours, or eighty transactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floodmark.cli.brief import few, holders, length, pace, size
from floodmark.core.ledger.watermark import OpenTransaction

NOW = datetime(2026, 11, 29, 3, tzinfo=UTC)


def session(pid: int, minutes: int) -> OpenTransaction:
    since = NOW - timedelta(minutes=minutes)
    return OpenTransaction(pid=pid, application="app", user="u", backend_start=since, since=since)


PREPARED = OpenTransaction(pid=0, user="bank", backend_start=NOW - timedelta(days=13), since=None, prepared="tx 7")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0m00s"),
        (125, "2m05s"),
        (12_000, "3h20m"),
        (172_799, "47h59m"),
        (172_800, "2d0h"),
        (407_224_800, "4,713d6h"),
    ],
)
def test_a_length_of_time(seconds: int, told: str) -> None:
    assert length(timedelta(seconds=seconds)) == told


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_400_000, "3.4 MB"), (2 * 10**15, "2000.0 TB")]
)
def test_a_size(count: int, told: str) -> None:
    assert size(count) == told


def test_a_pace_is_told_where_there_is_one() -> None:
    assert pace(3_400_000, 2.0) == "3.4 MB in 2.0 s (1.7 MB/s)"
    assert pace(100, 0.01) == "100 B in 0.0 s"
    assert pace(0, 5.0) == "0 B in 5.0 s"


def test_a_long_list_is_cut_with_how_many_more() -> None:
    assert few(["a", "b", "c"]) == ["a", "b", "c"]
    assert few(["a", "b", "c", "d", "e"]) == ["a", "b", "c", "and 2 more"]


def test_the_oldest_three_are_told_once_each_with_their_tables() -> None:
    five = [session(number, minutes=10 * number) for number in range(1, 6)]
    assert list(holders([("orders", five), ("items", five[3:])], NOW)) == [
        "held back by pid 5 (app) open since 2026-11-29T02:10:00+00:00, for 50m00s: orders, items",
        "held back by pid 4 (app) open since 2026-11-29T02:20:00+00:00, for 40m00s: orders, items",
        "held back by pid 3 (app) open since 2026-11-29T02:30:00+00:00, for 30m00s: orders",
        "and by 2 younger ones: --json names them all",
    ]


def test_a_prepared_transaction_is_told_once_for_all_tables() -> None:
    tables = [(name, [*map(session, range(4), range(4)), PREPARED]) for name in ("a", "b", "c", "d")]
    first, *_ = holders(tables, NOW)
    assert first == "held back by prepared transaction 'tx 7' of bank, for 13d0h: a, b, c, and 1 more"


def test_nobody_is_named_where_nobody_holds() -> None:
    assert list(holders([("orders", [])], NOW)) == []
