"""What a sensor waits for: heads of every kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from floodmark.core.ledger.balance import Balance
from floodmark.core.ledger.portion import FirstPart, Kind, Part, Whole
from floodmark.core.ledger.watermark import Basis
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError
from floodmark.pipeline.reports.unsealed import blocked, unsealed
from tests.pipeline.applied_reads import at
from tests.pipeline.page.many import Shelf, applied, config, holder, segment, shop


def _waits(shelf: Shelf, hours: float, *, proved: bool = False, balanced: bool = False) -> str:
    said = unsealed(config("orders: {}"), shelf.ledger, ["orders"], at(hours), proved=proved, balanced=balanced)
    return said.get("orders", "")


def _of(*coverage: Any, **more: Any) -> Shelf:
    shelf = Shelf()
    shelf.put("orders", *coverage, **{"reads": 1, **more})
    return shelf


def test_it_waits_for_the_seal_and_says_how_far_it_is_and_who_holds_it() -> None:
    shelf = _of(segment(0, 3), segment(3, 5, sealed=False, held_by=(holder(7),)))
    assert _waits(shelf, 3) == ""
    said = "sealed up to 2026-11-01 03:00:00; held back by pid 7 (billing) open since 2026-11-01T00:00:00+00:00"
    assert _waits(shelf, 4) == said


def test_behind_a_gap_nothing_counts() -> None:
    assert _waits(_of(segment(0, 3), segment(4, 9)), 5) == "sealed up to 2026-11-01 03:00:00"
    assert _waits(_of(segment(4, 9)), 5) == "nothing of it is sealed"


def test_what_was_assumed_counts_unless_proofs_are_asked_for() -> None:
    shelf = _of(segment(0, 3), segment(3, 5, basis=Basis.ASSUMED))
    assert _waits(shelf, 5) == ""
    assert _waits(shelf, 3, proved=True) == ""
    assert _waits(shelf, 5, proved=True) == f"sealed on an assumption only: {Interval(low=at(3), high=at(5))}"


def test_a_table_without_a_cursor_holds_up_to_its_last_whole_read() -> None:
    last = applied("proj.shop.orders", 1, portion=Whole(kind=Kind.REFRESH))  # at 02:02
    shelf = _of(last=replace(last, effects=()))
    assert _waits(shelf, 2) == ""
    assert _waits(shelf, 3) == "last read whole at 2026-11-01 02:02:00"
    assert _waits(Shelf(), 1) == "never read"


def test_what_is_read_in_parts_holds_nothing_before_the_last() -> None:
    some = Part(high=("9",), since=at(0))
    for number, part in enumerate((some, replace(some, low=("9",), high=("99",), number=2)), start=2):
        last = applied("proj.shop.orders", number, portion=FirstPart(spans=(), part=part))
        assert _waits(_of(last=replace(last, effects=())), 1) == "not read to its end"


def test_a_blocked_table_is_good_for_what_is_sealed_unless_current_is_wrong() -> None:
    shelf = _of(segment(0, 3), error="no privilege")
    assert _waits(shelf, 3) == ""
    assert _waits(shelf, 4) == "sealed up to 2026-11-01 03:00:00; blocked: no privilege"
    assert blocked(config("orders: {}"), shelf.ledger, ["orders"]) == {"orders": "no privilege"}
    wrong = replace(applied("proj.shop.orders", 0), effects=(), error="rows were changed")
    assert _waits(_of(segment(0, 3), last=wrong), 3) == "current is not what was read: rows were changed"


def test_balanced_means_counted_since_and_equal() -> None:
    _, several = shop()  # counted at hour 51
    even, uneven = (several.ledger.head(f"proj.shop.{name}").balance for name in ("orders", "customers"))
    assert _waits(_of(segment(0, 51), balance=even), 51, balanced=True) == ""
    said = "its rows were last counted at both ends at 2026-11-03 03:00:00"
    assert _waits(_of(segment(0, 60), balance=even), 52, balanced=True) == said
    assert _waits(_of(segment(0, 51), balance=uneven), 51, balanced=True) == "its rows are not those of the source"
    assert _waits(_of(segment(0, 51), balance=uneven), 51) == ""
    never = "its rows were never counted at both ends"
    assert _waits(_of(segment(0, 51), balance=Balance()), 51, balanced=True) == never


@pytest.mark.parametrize(
    ("table", "name", "said"),
    [
        ("orders: {}", "order", 'shop: tables: no "order"; it has: orders'),
        ("orders: {balance: none}", "orders", "shop: tables.orders: its ends are never counted"),
    ],
)
def test_what_would_be_waited_for_in_vain_is_refused(table: str, name: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        unsealed(config(table), Shelf().ledger, [name], at(1), proved=False, balanced=True)
