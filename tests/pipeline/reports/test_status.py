"""Where a table stands, from the ledger alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.watermark import Basis, OpenTransaction
from floodmark.pipeline.reports.status import TableStatus, missing, status
from tests.pipeline.applied_reads import Book, at, between, config


def _status(book: Book, now: float, table: str = "{}") -> TableStatus:
    [found] = status(config(table), book.ledger, at(now))
    return found


def test_a_table_never_read_has_nothing_to_tell() -> None:
    found = _status(Book(), 5)
    assert (found.sealed_up_to, found.lag, found.last_read_at, found.gaps, found.behind) == (None, None, None, (), None)
    assert found.well


def test_sealed_provisional_and_who_holds_it_back() -> None:
    book = Book()
    holder = OpenTransaction(pid=7, backend_start=at(0), since=at(1.5), application="slow")
    book.apply(between(0, 2), read_at=2.1, watermark=1.5, held_by=(holder,), late=0)
    found = _status(book, 2.5)
    assert found.sealed_up_to == at(1.5)
    assert found.provisional == (between(1.5, 2),)
    assert found.held_by == (holder,)
    assert found.lag == timedelta(hours=1)


def test_a_hole_is_a_gap_and_what_is_due_after_the_newest_slice_is_behind() -> None:
    book = Book()
    book.apply(between(0, 1), read_at=1.1, watermark=1, late=2)
    book.apply(between(2, 3), read_at=3.1, watermark=3, late=3)
    found = _status(book, 5.5)
    assert found.gaps == (between(1, 2),)
    assert found.behind == between(3, 5)
    assert found.sealed_up_to == at(1)
    assert found.late == 5
    assert not found.well
    assert missing(config().tables["orders"], book.ledger.head(found.target).coverage, at(5.5)) == (
        between(1, 2),
        between(3, 5),
    )


def test_what_was_assumed_is_told_apart() -> None:
    book = Book()
    book.apply(between(0, 1), read_at=1.1, watermark=1)
    book.apply(between(1, 2), read_at=2.1, watermark=2, basis=Basis.ASSUMED)
    assert _status(book, 2.5).assumed == (between(1, 2),)


def test_a_table_without_a_cursor_is_as_old_as_its_last_read() -> None:
    book = Book()
    book.apply(read_at=1, watermark=1, kind=Kind.REFRESH)
    found = _status(book, 3, "{freshness: 1h}")
    assert (found.sealed_up_to, found.lag, found.stale) == (None, timedelta(hours=2), True)


@pytest.mark.parametrize(("freshness", "well"), [("3h", True), ("2h", False)])
def test_older_than_its_freshness_is_not_well(freshness: str, well: bool) -> None:
    book = Book()
    book.apply(between(0, 1), read_at=1.1, watermark=1)
    assert _status(book, 3.5, f"{{freshness: {freshness}}}").well is well


def test_what_is_under_way_and_what_blocks_are_shown() -> None:
    book = Book()
    book.begin(between(0, 1), read_at=1.1, watermark=1)
    found: Any = _status(book, 2)
    assert found.under_way == "slice of 2026-11-01T01:06:00+00:00: reading"
    assert (found.holder, found.renewed_at is not None) == ("me", True)
    book = Book()
    book.block("no privilege")
    found = _status(book, 2)
    assert (found.error, found.well) == ("no privilege", False)
