"""A proof holds only while coverage has no hole and every read's records fit together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.coverage import Segment
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.watermark import Basis
from floodmark.pipeline.reports.prove import Proof, Verdict, prove
from tests.fakes.examples import effect, manifest
from tests.pipeline.applied_reads import TARGET, Book, at, between, config


def _proof(book: Book) -> Proof:
    source = config()
    [found] = prove(source, list(source.tables.values()), book.ledger)
    return found


def _sound() -> Book:
    book = Book()
    book.apply(between(0, 1), read_at=1.1, watermark=1)
    book.apply(between(1, 2), read_at=2.1, watermark=1.9, rows=0)
    book.apply(between(1, 3), read_at=3.1, watermark=2.5)
    book.balance()
    return book


def test_slices_without_a_hole_hold_up_to_their_mark() -> None:
    found = _proof(_sound())
    assert found.doubts == ()
    assert (found.sealed_up_to, found.basis, found.reads, found.level) == (at(2.5), Basis.PROVED, 3, "counts")


def test_one_assumed_slice_makes_the_whole_assumed() -> None:
    book = _sound()
    book.apply(between(3, 4), read_at=4.1, watermark=4, basis=Basis.ASSUMED)
    assert _proof(book).basis is Basis.ASSUMED


def test_a_whole_table_holds_as_of_its_last_read() -> None:
    book = Book()
    book.apply(read_at=1, watermark=1, kind=Kind.REFRESH)
    book.balance()
    found = _proof(book)
    assert (found.doubts, found.as_of, found.sealed_up_to) == ((), at(1), None)


def test_what_it_says_is_one_of_four_verdicts() -> None:
    assert (_proof(_sound()).verdict, _proof(_sound()).says) == (Verdict.PROVED, "proved")
    book = _sound()
    counts = book.ledger.head(TARGET).balance.counts
    assert counts is not None
    book.balance(counts=replace(counts, source=Census(settled=3, bad=2), movable=2))
    assert _proof(book).says == "proved, all but 2 rows held out by name"
    book.apply(between(2, 4), read_at=4.1, watermark=4, basis=Basis.ASSUMED, reasons=("an application's clock",))
    assert _proof(book).says == "assumed, all but 2 rows held out by name, because an application's clock"
    assert _proof(Book()).says == "not proved, because nothing has been read"


def test_a_table_that_was_last_counted_long_ago_is_not_proved() -> None:
    book = _sound()
    source = config()
    later = datetime.now(UTC) + timedelta(days=4)
    [found] = prove(source, list(source.tables.values()), book.ledger, later)
    assert found.verdict is Verdict.NOT_PROVED
    assert "last counted at both ends on" in found.says


def test_a_table_whose_balance_is_switched_off_says_so() -> None:
    book = Book()
    book.apply(between(0, 1), read_at=1.1, watermark=1)
    source = config("{balance: none}")
    [found] = prove(source, list(source.tables.values()), book.ledger)
    assert (found.says, found.looked) == ("proved", ())
    assert found.unlooked == ("counts", "keys", "100% of the rows' content", "balance: none")


def _uncounted(book: Book) -> None:
    book.balance(counts=None)


def _missing(book: Book) -> None:
    counts = book.ledger.head(TARGET).balance.counts
    assert counts is not None
    book.balance(counts=replace(counts, expected=5))


def _hole(book: Book) -> None:
    book.apply(between(4, 5), read_at=5.1, watermark=5)


def _provisional_inside(book: Book) -> None:
    book.apply(between(3, 4), read_at=4.1, watermark=None)
    book.apply(between(4, 5), read_at=5.1, watermark=5)


def _other_coverage(book: Book) -> None:
    head = book.ledger.head(TARGET)
    book.ledger._heads[TARGET] = replace(head, coverage=(Segment(interval=between(0, 9), watermark=at(9)),))


def _lost_read(book: Book) -> None:
    del book.ledger._closed[TARGET][at(1.1)]


def _fewer_rows(book: Book) -> None:
    book.forge(1.1, manifest=replace(manifest(3), rows=4))


def _other_load(book: Book) -> None:
    read = book.ledger._closed[TARGET][at(1.1)]
    load, merge = read.effects
    book.forge(1.1, effects=(replace(load, statistics={"output_rows": 2}), merge))


def _no_load(book: Book) -> None:
    read = book.ledger._closed[TARGET][at(1.1)]
    book.forge(1.1, effects=read.effects[1:])


def _no_merge(book: Book) -> None:
    read = book.ledger._closed[TARGET][at(1.1)]
    load, merge = read.effects
    book.forge(1.1, effects=(load, replace(merge, state=EffectState.FAILED)))


def _half_a_merge(book: Book) -> None:
    read = book.ledger._closed[TARGET][at(1.1)]
    book.forge(1.1, effects=(*read.effects, effect("apply_2")))


def _mark_ahead(book: Book) -> None:
    book.forge(3.1, watermark=at(7))


def _no_manifest(book: Book) -> None:
    book.forge(1.1, manifest=None)


def _blocked(book: Book) -> None:
    book.block("no privilege")


@pytest.mark.parametrize(
    ("spoil", "doubt"),
    [
        (_hole, "no read covers [2026-11-01T03:00:00+00:00, 2026-11-01T04:00:00+00:00)"),
        (_provisional_inside, "is provisional, before sealed slices"),
        (_other_coverage, "the head's coverage is not what its applied reads amount to"),
        (_lost_read, "the head's coverage is not what its applied reads amount to"),
        (_fewer_rows, "its objects don't hold the 4 rows of its manifest"),
        (_other_load, "loaded 2 rows of 3"),
        (_no_load, "no load is done"),
        (_no_merge, "no apply is done"),
        (_half_a_merge, "no apply_2 is done"),
        (_mark_ahead, "has a watermark after it"),
        (_no_manifest, "has no manifest"),
        (_blocked, "blocked: no privilege"),
        (_uncounted, "its rows were never counted at both ends: floodmark balance shop orders"),
        (_missing, "at least 2 rows of the source are missing from current: floodmark reconcile --heal shop orders"),
    ],
)
def test_each_thing_that_does_not_fit_is_a_doubt(spoil: Any, doubt: str) -> None:
    book = _sound()
    spoil(book)
    assert any(doubt in one for one in _proof(book).doubts), _proof(book).doubts


def test_nothing_read_is_nothing_proved() -> None:
    assert _proof(Book()).doubts == ("nothing has been read",)
