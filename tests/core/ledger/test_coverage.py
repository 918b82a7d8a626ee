"""Coverage: what applied reads prove together, and what to read next (R9-R12), against a model of single hours."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage, Segment, cover
from floodmark.core.ledger.portion import Slices, Span
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ledger.watermark import Basis, Look, OpenTransaction, Watermark
from floodmark.core.time.interval import Interval

ZERO = datetime(2026, 11, 1, tzinfo=UTC)
END = 10
LOOK = Look(clock=ZERO + timedelta(days=9))
A, B = (OpenTransaction(pid=pid, backend_start=ZERO, since=ZERO) for pid in (1, 2))


def at(number: float) -> datetime:
    return ZERO + timedelta(hours=number)


def of(low: float, high: float) -> Interval:
    return Interval(low=at(low), high=at(high))


def read(
    *spans: Interval,
    watermark: float | None,
    basis: Basis = Basis.PROVED,
    base: int | None = 1,
    held_by=(),
    number: int = 0,
) -> Read:
    return Read(
        target="t", read_at=at(number), token=1, run_id="r", state=State.APPLIED,
        portion=Slices(spans=tuple(Span(interval=span) for span in spans)),
        watermark=None if watermark is None else at(watermark),
        basis=basis, held_by=held_by, snapshot=Snapshot(base=base),
    )  # fmt: skip


def hours(found: Interval | None) -> set[int]:
    return {hour for hour in range(END) if found and at(hour) in found}


@dataclass
class Hour:
    """What the model knows of one hour: how well it is sealed (0 not, 1 assumed, 2 proved), and its newest base."""

    rank: int
    base: int | None


def model(reads: list[Read]) -> dict[int, Hour]:
    known: dict[int, Hour] = {}
    for one in reads:
        for hour in {hour for span in one.spans for hour in hours(span.interval)}:
            seals = one.watermark is not None and one.watermark >= at(hour + 1)
            rank = (2 if one.basis is Basis.PROVED else 1) if seals else 0
            known[hour] = Hour(max(rank, known[hour].rank if hour in known else 0), one.snapshot.base)
    return known


intervals = (
    st.tuples(st.integers(0, END), st.integers(0, END)).filter(lambda p: p[0] != p[1]).map(lambda p: of(*sorted(p)))
)


@st.composite
def histories(draw: st.DrawFn) -> list[Read]:
    """Reads in order; xids grow, marks may go back, as when an old transaction shows up on a standby."""
    found, base = [], 1
    for number in range(draw(st.integers(0, 6))):
        base += draw(st.integers(0, 3))
        spans = coverages.merge(draw(st.lists(intervals, min_size=1, max_size=2)))
        found.append(
            read(
                *spans,
                watermark=draw(st.none() | st.integers(0, END + 2)),
                basis=draw(st.sampled_from(Basis)),
                base=draw(st.just(base) | st.none()),
                held_by=draw(st.sampled_from([(), (A,), (A, B)])),
                number=number,
            )
        )
    return found


def folded(reads: list[Read]) -> Coverage:
    coverage: Coverage = ()
    for one in reads:
        coverage = cover(coverage, one)
    return coverage


@pytest.mark.slow
@settings(deadline=None)
@given(histories())
def test_each_hour_is_known_as_well_as_its_best_read_knew_it(reads: list[Read]) -> None:
    """A read never unseals, nor does an assumed seal displace a proved one; the base is the newest read's."""
    coverage, known = folded(reads), model(reads)
    for hour in range(END):
        holding = [segment for segment in coverage if at(hour) in segment.interval]
        assert len(holding) == (hour in known)
        for segment in holding:
            sealed = hour in hours(segment.sealed)
            assert sealed != (hour in hours(segment.provisional))
            assert (0 if not sealed else 2 if segment.basis is Basis.PROVED else 1) == known[hour].rank
            assert segment.base == known[hour].base


@settings(deadline=None)
@given(histories())
def test_segments_are_disjoint_in_order_and_no_two_neighbours_say_the_same(reads: list[Read]) -> None:
    coverage = folded(reads)
    for a, b in itertools.pairwise(coverage):
        assert a.interval.high <= b.interval.low
        same = (a.watermark, a.basis, a.base, a.held_by) == (b.watermark, b.basis, b.base, b.held_by)
        assert not (same and a.interval.high == b.interval.low)
    assert all(segment.provisional or not segment.held_by for segment in coverage)


@settings(deadline=None)
@given(histories(), st.integers(0, 4))
def test_compacting_keeps_every_seal_and_never_raises_a_base(reads: list[Read], keep: int) -> None:
    before = folded(reads)
    after = coverages.compact(before, keep=keep)
    for basis in (None, *Basis):
        assert coverages.sealed(after, basis) == coverages.sealed(before, basis)
    assert coverages.provisional(after) == coverages.provisional(before)
    for old in before:
        (new,) = [segment for segment in after if segment.interval.intersect(old.interval)]
        assert new.base is None or (old.base is not None and new.base <= old.base)
    assert (after[-keep:] if keep else ()) == (before[-keep:] if keep else ())


def test_a_long_history_stays_small() -> None:
    coverage: Coverage = ()
    for hour in range(500):
        coverage = cover(coverage, read(of(hour, hour + 1), watermark=hour + 2, base=hour))
    assert len(coverage) == coverages.KEPT_APART + 1
    assert coverage[0] == Segment(interval=of(0, 452), watermark=at(453), base=0)
    assert coverages.sealed_up_to(coverage, ZERO) == at(500)


@settings(deadline=None)
@given(histories(), st.lists(intervals, max_size=3), st.integers(0, END + 2), st.integers(0, 4), st.booleans())
def test_the_next_read_covers_what_is_asked_and_what_can_progress(reads, asked, new_mark, recheck, a_open) -> None:
    coverage = folded(reads)
    look = Look(clock=LOOK.clock, open_transactions=(A,) if a_open else ())
    spans = coverages.todo(coverage, Watermark(at=at(new_mark)), look, asked, recheck=timedelta(hours=recheck))
    for a, b in itertools.pairwise(spans):
        assert a.interval.high <= b.interval.low
    by_hour = {hour: span for span in spans for hour in hours(span.interval)}
    wanted = {hour for interval in asked for hour in hours(interval)}
    newest = max((hour for interval in coverages.sealed(coverage) for hour in hours(interval)), default=-1)
    for hour in range(END):
        segment = next((one for one in coverage if at(hour) in one.interval), None)
        span = by_hour.get(hour)
        if hour in wanted:
            assert span == Span(interval=span.interval)  # whole (R10)
        elif segment is None:
            assert span is None
        elif hour in hours(segment.provisional):
            assert segment.provisional
            ended = segment.held_by and (not a_open or B in segment.held_by)
            held_without_a_name = segment.watermark is None and not segment.held_by
            progress = at(new_mark) > segment.provisional.low or ended or held_without_a_name
            assert (span is not None) == bool(progress)
            assert span is None or not span.recheck
        else:
            assert (span is not None) == (newest - recheck < hour <= newest)
            assert span is None or span.recheck
        if span is not None and segment is not None and hour not in wanted:
            assert (span.base is None) == (segment.base is None)  # no more than is needed
            assert span.base is None or (segment.base is not None and span.base <= segment.base)


def test_a_slice_held_back_is_read_again_only_when_its_holder_has_ended() -> None:
    """R9: the watermark stands still at 10:00 as long as A is open."""
    coverage = cover((), read(of(1, 2), watermark=1, held_by=(A,), base=7))
    held = Watermark(at=at(1), held_by=(A,))
    assert coverages.todo(coverage, held, Look(clock=at(3), open_transactions=(A,)), []) == ()
    again = (Span(interval=of(1, 2), base=7),)
    assert coverages.todo(coverage, held, Look(clock=at(3), open_transactions=(B,)), []) == again
    assert coverages.todo(coverage, Watermark(at=at(3)), Look(clock=at(3)), []) == again


def test_without_a_base_it_is_read_again_from_the_last_watermark_on() -> None:
    """Nothing older than 1.5 can appear, so no row of a base is needed to tell what is new: [1.5, 2), not [1, 2)."""
    coverage = cover((), read(of(1, 2), watermark=1.5, held_by=(A,), base=None))
    assert coverages.todo(coverage, Watermark(at=at(3)), Look(clock=at(3)), []) == (Span(interval=of(1.5, 2)),)


def test_a_slice_held_back_by_one_whose_start_is_hidden_is_read_again_at_once() -> None:
    """R9: of the same pid nobody can say whether it is still the same transaction."""
    hidden = OpenTransaction(pid=1, backend_start=None, since=None)
    coverage = cover((), read(of(1, 2), watermark=None, held_by=(hidden,)))
    look = Look(clock=at(3), open_transactions=(hidden,))
    assert coverages.todo(coverage, Watermark(at=None), look, []) == (Span(interval=of(1, 2), base=1),)


def test_an_assumed_seal_does_not_displace_a_proved_one() -> None:
    coverage = cover((), read(of(0, 4), watermark=2))
    coverage = cover(coverage, read(of(0, 4), watermark=4, basis=Basis.ASSUMED, base=2))
    assert coverages.sealed(coverage, Basis.PROVED) == (of(0, 2),)
    assert coverages.sealed(coverage, Basis.ASSUMED) == (of(2, 4),)
    assert {segment.base for segment in coverage} == {2}


def test_a_proved_seal_displaces_an_assumed_one_that_reached_further() -> None:
    coverage = cover((), read(of(0, 4), watermark=9, basis=Basis.ASSUMED))
    coverage = cover(coverage, read(of(0, 4), watermark=5, base=2))
    assert coverages.sealed(coverage, Basis.PROVED) == (of(0, 4),)


@settings(deadline=None)
@given(histories(), st.integers(0, END), st.integers(0, END))
def test_gaps_are_the_hours_that_no_read_covers(reads: list[Read], low: int, high: int) -> None:
    found = coverages.gaps(folded(reads), at(low), at(high))
    assert {h for gap in found for h in hours(gap)} == set(range(low, high)) - set(model(reads))


@settings(deadline=None)
@given(histories(), st.integers(0, END - 1))
def test_sealed_up_to_ends_at_the_first_hour_that_is_not(reads: list[Read], start: int) -> None:
    known = model(reads)
    end = start
    while end in known and known[end].rank:
        end += 1
    assert coverages.sealed_up_to(folded(reads), at(start)) == at(end)


@pytest.mark.parametrize("bases", [(5, None), (None, 5), (5, 3)])
def test_without_bases_every_span_is_whole_and_neighbours_are_one(bases) -> None:
    spans = [Span(interval=of(i, i + 1), base=base) for i, base in enumerate(bases)]
    assert coverages.without_bases(spans) == (Span(interval=of(0, 2)),)
