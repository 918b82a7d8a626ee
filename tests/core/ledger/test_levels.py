"""Each slice has the weakest level of check among the reads that made it what it is (R28)."""

from __future__ import annotations

from dataclasses import replace

from floodmark.core.ledger.levels import Levels, levels, of_table
from floodmark.core.ledger.portion import Kind, Span
from floodmark.core.ledger.read import Read
from tests.fakes.examples import hour, manifest, reading


def read(*spans: Span, verified: str = "", rows: int = 3, kind: Kind = Kind.SLICE) -> Read:
    return replace(reading(spans=spans, kind=kind), verified=verified, manifest=manifest(rows))


def whole(number: int, hours: int = 1) -> Span:
    return Span(interval=hour(number, hours))


def added(number: int, hours: int = 1) -> Span:
    return Span(interval=hour(number, hours), base=7)


def test_a_slice_read_whole_has_its_reads_level_and_neighbours_are_one() -> None:
    found = levels([read(whole(0), verified="full"), read(whole(1), verified="full"), read(whole(2))])
    assert found == ((hour(0, 2), "full"), (hour(2), "counts"))
    assert of_table(found, []) == "counts"


def test_rows_that_come_later_make_a_slice_as_weak_as_their_read() -> None:
    reads = [read(whole(0, 3), verified="full"), read(added(1), verified="sample")]
    assert levels(reads) == ((hour(0), "full"), (hour(1), "sample"), (hour(2), "full"))
    assert of_table(levels(reads), reads) == "sample"


def test_rows_that_come_later_make_no_slice_stronger() -> None:
    assert levels([read(whole(0)), read(added(0), verified="full")]) == ((hour(0), "counts"),)


def test_a_slice_read_whole_again_begins_anew() -> None:
    found = levels([read(whole(0, 2)), read(whole(1), verified="full")])
    assert found == ((hour(0), "counts"), (hour(1), "full"))


def test_what_brought_no_row_changes_no_level_and_an_empty_slice_has_none() -> None:
    reads = [read(whole(0), verified="full"), read(added(0), rows=0), read(whole(1), rows=0)]
    assert levels(reads) == ((hour(0), "full"),)


def test_a_reload_has_its_own_level_throughout() -> None:
    reads = [read(whole(0, 5)), read(whole(0, 9), verified="full", kind=Kind.RELOAD)]
    assert levels(reads) == ((hour(0, 9), "full"),)


def test_a_span_that_gained_nothing_was_not_read() -> None:
    reads = [read(whole(0), verified="full"), read(replace(whole(0), fresh=0), whole(1))]
    assert levels(reads) == ((hour(0), "full"), (hour(1), "counts"))


def test_a_table_without_slices_has_the_level_of_its_last_read() -> None:
    nothing: Levels = ()
    assert of_table(nothing, [read(verified="full", kind=Kind.REFRESH)]) == "full"
    assert of_table(nothing, []) == "counts"
