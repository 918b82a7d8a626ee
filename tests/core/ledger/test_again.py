"""What is read again, and by which base, against a model of transactions and single rows (R9, R10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage, cover
from floodmark.core.ledger.portion import Slices, Span
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ledger.watermark import Look, OpenTransaction, Watermark, watermark_of
from floodmark.core.time.interval import Interval

ZERO = datetime(2026, 11, 1, tzinfo=UTC)
HOURS = 8
SETTLE = timedelta(minutes=1)


def at(hour: float) -> datetime:
    return ZERO + timedelta(hours=hour)


def of(low: float, high: float) -> Interval:
    return Interval(low=at(low), high=at(high))


def holder(pid: int, since: float) -> OpenTransaction:
    return OpenTransaction(pid=pid, backend_start=ZERO, since=at(since))


def applied(spans: tuple[Span, ...], watermark: Watermark, base: int | None, number: int = 0) -> Read:
    return Read(
        target="t", read_at=at(number), token=1, run_id="r", state=State.APPLIED, portion=Slices(spans=spans),
        watermark=watermark.at, basis=watermark.basis, held_by=watermark.held_by, snapshot=Snapshot(base=base),
    )  # fmt: skip


def held(low: float, high: float, *open_: OpenTransaction, skew: timedelta = timedelta(0), base: int = 7) -> Coverage:
    """An hour that was read while these were open."""
    seen = watermark_of(Look(clock=at(high) + SETTLE, open_transactions=open_), settle=SETTLE, skew=skew)
    return cover((), applied((Span(interval=of(low, high)),), seen, base))


def test_one_that_ended_has_its_own_reach_read_again_and_what_an_older_one_holds_is_left() -> None:
    """R9: from 1.75 on; [1, 1.75) waits for the one that began at 1, with its base of then."""
    long, short = holder(1, 1), holder(2, 1.75)
    coverage = held(1, 2, long, short)
    look = Look(clock=at(3) + SETTLE, open_transactions=(long,))
    watermark = watermark_of(look, settle=SETTLE)
    spans = coverages.todo(coverage, watermark, look, [])
    assert spans == (Span(interval=of(1.75, 2), base=7),)
    coverage = cover(coverage, applied(spans, watermark, 9))
    assert coverages.todo(coverage, watermark, look, []) == ()
    ended = Look(clock=at(4) + SETTLE)
    again = coverages.todo(coverage, watermark_of(ended, settle=SETTLE), ended, [])
    assert again == (Span(interval=of(1, 1.75), base=7), Span(interval=of(1.75, 2), base=9))


@pytest.mark.parametrize(
    ("tick", "begins"), [(timedelta(0), 1.75 - 1 / 60), (timedelta(minutes=10), 100 / 60), (timedelta(hours=1), 1)]
)
def test_what_one_that_ended_may_have_written_begins_by_the_skew_and_the_tick_earlier(
    tick: timedelta, begins: float
) -> None:
    """R7: 1.75 h less a minute of skew, and from there back to the last tick."""
    long, short = holder(1, 1), holder(2, 1.75)
    coverage = held(0, 2, long, short, skew=timedelta(minutes=1))
    look = Look(clock=at(3) + SETTLE, open_transactions=(long,))
    watermark = watermark_of(look, settle=SETTLE, skew=timedelta(minutes=1))
    [span] = coverages.todo(coverage, watermark, look, [], tick=tick)
    assert abs(span.interval.low - at(begins)) < timedelta(seconds=1)
    assert span.interval.high == at(2)


def test_of_several_that_ended_the_earliest_tells_how_far_back_is_read() -> None:
    """R9: what both may have written comes with the next read, not only what the younger one may have."""
    long, older, younger = holder(1, 1), holder(2, 1.25), holder(3, 1.75)
    coverage = held(1, 2, long, older, younger)
    look = Look(clock=at(3) + SETTLE, open_transactions=(long,))
    assert coverages.todo(coverage, watermark_of(look, settle=SETTLE), look, []) == (
        Span(interval=of(1.25, 2), base=7),
    )


def test_one_whose_start_nobody_knows_has_all_of_it_read_again() -> None:
    long, prepared = holder(1, 1), OpenTransaction(pid=0, backend_start=ZERO, since=None, prepared="gid")
    coverage = cover((), applied((Span(interval=of(1, 2)),), Watermark(at=at(1.5), held_by=(long, prepared)), 7))
    look = Look(clock=at(3) + SETTLE, open_transactions=(long,))
    assert coverages.todo(coverage, Watermark(at=at(1)), look, []) == (Span(interval=of(1.5, 2), base=7),)


def test_each_stretch_is_read_by_its_own_base() -> None:
    """R10: one that wrote nothing held three hours back; what they gained is told by what each read saw."""
    coverage: Coverage = ()
    for hour in range(1, 4):
        coverage = cover(coverage, applied((Span(interval=of(hour - 1, hour)),), Watermark(at=at(0.5)), 100 * hour))
    look = Look(clock=at(4) + SETTLE)
    spans = coverages.todo(coverage, watermark_of(look, settle=SETTLE), look, [])
    assert [(span.interval, span.base) for span in spans] == [(of(0.5, 1), 100), (of(1, 2), 200), (of(2, 3), 300)]


def test_more_stretches_than_a_query_should_have_share_the_lowest_base() -> None:
    coverage: Coverage = ()
    for hour in range(1, coverages.ARMS + 4):
        coverage = cover(coverage, applied((Span(interval=of(hour - 1, hour)),), Watermark(at=at(0)), hour))
    look = Look(clock=at(99))
    spans = coverages.todo(coverage, watermark_of(look, settle=SETTLE), look, [])
    assert len(spans) == coverages.ARMS
    assert spans[0] == Span(interval=of(0, 4), base=1)
    assert [span.base for span in spans[1:]] == list(range(5, coverages.ARMS + 4))


@dataclass
class Transaction:
    """Open from ``since`` to ``until``, hours; it writes one row for each of ``rows``, which bears that cursor."""

    pid: int
    since: float
    until: float
    xid: int
    rows: tuple[float, ...]
    seen: set[int] = field(default_factory=set)

    @property
    def shown(self) -> OpenTransaction:
        return holder(self.pid, self.since)


quarters = st.integers(0, HOURS * 4).map(lambda quarter: quarter / 4)


@st.composite
def workloads(draw: st.DrawFn) -> list[Transaction]:
    """Transactions in order of their start, ids given at it; a row's cursor is never before it."""
    found = []
    for number, since in enumerate(sorted(draw(st.lists(quarters, min_size=1, max_size=7)))):
        length = draw(st.sampled_from([0.25, 0.5, 1.25, 3, 6]))
        later = st.integers(0, int(length * 4)).map(lambda quarters, since=since: since + quarters / 4)
        rows = tuple(draw(st.lists(later, min_size=1, max_size=3)))
        found.append(Transaction(pid=number, since=since, until=since + length, xid=10 + number, rows=rows))
    return found


@settings(deadline=None, max_examples=400)
@given(workloads(), st.lists(st.booleans(), min_size=2 * HOURS, max_size=2 * HOURS))
def test_no_row_is_ever_left_out_of_what_is_sealed(workload: list[Transaction], runs: list[bool]) -> None:
    """Hourly runs of which some are missed: each row that is committed and sealed has been read, by its xid.

    A base is the oldest id that was open, as PostgreSQL's snapshots have it.
    """
    coverage: Coverage = ()
    for hour, comes in enumerate(runs, start=1):
        if not comes and hour < len(runs):
            continue
        now = hour + 0.1
        open_ = [one for one in workload if one.since <= now < one.until]
        look = Look(clock=at(now), open_transactions=tuple(one.shown for one in open_))
        watermark = watermark_of(look, settle=SETTLE)
        spans = coverages.todo(coverage, watermark, look, coverages.gaps(coverage, ZERO, at(hour)))
        started = [one.xid for one in workload if one.since <= now]
        for one in workload:
            if one.until <= now:
                one.seen |= {
                    number
                    for number, cursor in enumerate(one.rows)
                    for span in spans
                    if at(cursor) in span.interval and (span.base is None or one.xid >= span.base)
                }
        base = min((one.xid for one in open_), default=max(started, default=9) + 1)
        coverage = cover(coverage, applied(spans, watermark, base, hour))
        sealed = coverages.sealed(coverage)
        for one in workload:
            for number, cursor in enumerate(one.rows):
                if any(at(cursor) in interval for interval in sealed):
                    assert one.until <= now
                    assert number in one.seen
    assert coverages.sealed_up_to(coverage, ZERO) == at(len(runs))
