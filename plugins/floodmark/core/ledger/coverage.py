"""What of a table has been read, how well, and what to read next: pure folds over applied reads (R9-R12)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from floodmark.core.ledger.portion import Span
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.watermark import Basis, Look, OpenTransaction, Watermark, holding, reached
from floodmark.core.time.interval import Interval, merge, subtract

KEPT_APART = 48
"""So many of the newest sealed segments keep a base of their own; older neighbours are joined."""
ARMS = 12
"""So many stretches of one read are told apart by their bases: each is an arm of its query, with all columns in it."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """An interval that applied reads cover alike.

    Its part before ``watermark`` is sealed on ``basis``; the rest is provisional, held back by ``held_by``. Rows that
    are new since have an xid not below ``base`` (None: unknown, read it whole).
    """

    interval: Interval
    watermark: datetime | None
    basis: Basis = Basis.PROVED
    base: int | None = None
    held_by: tuple[OpenTransaction, ...] = ()

    @property
    def sealed(self) -> Interval | None:
        """The part of which no row can appear any more."""
        return None if self.watermark is None else self.interval.before(self.watermark)

    @property
    def provisional(self) -> Interval | None:
        """The part that is correct so far, and will be read again."""
        return self.interval.since(self.watermark)


Coverage = tuple[Segment, ...]


def cover(coverage: Coverage, read: Read) -> Coverage:
    """The coverage after ``read`` is applied. Segments are disjoint and in order.

    A read never unseals: where an earlier one proved more, that stands; the base is always the newer one.
    """
    for span in read.spans:
        if span.leaves:
            continue  # the rest of the interval was not read
        coverage = _lay(coverage, span, read)
    return compact(coverage)


def after(coverage: Coverage, read: Read) -> Coverage:
    """The coverage once ``read`` is applied, whatever it is: what it makes void is covered no more (R29)."""
    before = () if read.portion.anew else coverage
    return cover(before, read) if read.portion.covers else before


def read_whole_at(coverage: Coverage, last: Read | None) -> datetime | None:
    """As of when a table without coverage holds its source, UTC: ``last``, the newest applied read, if it was whole.

    None while a first load or a reload goes on in parts: nothing holds before the last of them.
    """
    if coverage or last is None or last.portion.continues:
        return None
    return last.read_at if last.portion.replaces else None


def _lay(coverage: Coverage, span: Span, read: Read) -> Coverage:
    new = Segment(
        interval=span.interval,
        watermark=read.watermark,
        basis=read.basis,
        base=read.snapshot.base,
        held_by=read.held_by,
    )
    laid: list[Segment] = []
    bare = [span.interval]
    for old in coverage:
        shared = old.interval.intersect(span.interval)
        if shared is None:
            laid.append(old)
            continue
        laid.extend(replace(old, interval=rest) for rest in old.interval.subtract(span.interval))
        laid.extend(_better(old, new, part) for part in _parts(shared, old.watermark, new.watermark))
        bare = list(subtract(bare, [shared]))
    laid.extend(_cut(new, interval) for interval in bare)
    return _fewest(sorted((_trim(segment) for segment in laid), key=lambda segment: segment.interval))


def _fewest(segments: Iterable[Segment]) -> Coverage:
    """Neighbours of which the same is known as one."""
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        if last and last.interval.high == segment.interval.low and replace(segment, interval=last.interval) == last:
            joined[-1] = replace(last, interval=Interval(low=last.interval.low, high=segment.interval.high))
        else:
            joined.append(segment)
    return tuple(joined)


def _parts(shared: Interval, *marks: datetime | None) -> tuple[Interval, ...]:
    """``shared``, cut where only one of two reads seals, and on which basis may differ from there on."""
    cuts = sorted(
        {
            shared.low,
            shared.high,
            *(watermark for watermark in marks if watermark and shared.low < watermark < shared.high),
        }
    )
    return tuple(Interval(low=low, high=high) for low, high in pairwise(cuts))


def _better(old: Segment, new: Segment, part: Interval) -> Segment:
    """What both say of a part that each seals whole or not at all: proved before assumed before provisional."""
    newest = _cut(new, part)
    if _rank(old, part) <= _rank(new, part):
        return newest
    return replace(old, interval=part, base=new.base, held_by=newest.held_by)


def _cut(new: Segment, part: Interval) -> Segment:
    """``part`` of what one read says, with the transactions that hold that part back."""
    return replace(new, interval=part, held_by=holding(new.held_by, new.watermark, part.high))


def _rank(segment: Segment, part: Interval) -> int:
    if segment.watermark is None or segment.watermark < part.high:
        return 0
    return 2 if segment.basis is Basis.PROVED else 1


def _trim(segment: Segment) -> Segment:
    return segment if segment.provisional else replace(segment, held_by=())


def compact(coverage: Coverage, *, keep: int = KEPT_APART) -> Coverage:
    """Sealed neighbours on the same basis as one, but for the newest ``keep``: a head must stay small.

    The joined segment's base is the lower one, so reading it again reads too much rather than too little.
    """
    old, new = coverage[:-keep] if keep else coverage, coverage[-keep:] if keep else ()
    joined: list[Segment] = []
    for segment in old:
        last = joined[-1] if joined else None
        if last and last.interval.high == segment.interval.low and _joinable(last, segment):
            bases = (last.base, segment.base)
            joined[-1] = Segment(
                interval=Interval(low=last.interval.low, high=segment.interval.high),
                watermark=max(last.watermark, segment.watermark) if last.watermark and segment.watermark else None,
                basis=last.basis,
                base=None if None in bases else min(base for base in bases if base is not None),
            )
        else:
            joined.append(segment)
    return (*joined, *new)


def _joinable(a: Segment, b: Segment) -> bool:
    return not a.provisional and not b.provisional and a.basis == b.basis


def sealed(coverage: Iterable[Segment], basis: Basis | None = None) -> tuple[Interval, ...]:
    """The sealed intervals, merged; on one basis only where that is given."""
    parts = (segment.sealed for segment in coverage if basis is None or segment.basis == basis)
    return merge(part for part in parts if part)


def provisional(coverage: Iterable[Segment]) -> tuple[Interval, ...]:
    """The intervals that have been read but can still gain rows, merged."""
    return merge(part for segment in coverage if (part := segment.provisional))


def sealed_up_to(coverage: Iterable[Segment], start: datetime) -> datetime:
    """T of the promise: everything in ``[start, T)`` is sealed. ``start`` itself where nothing is."""
    for interval in sealed(coverage):
        if interval.low <= start < interval.high:
            return interval.high
    return start


def holders(read: Read) -> tuple[OpenTransaction, ...]:
    """The transactions that hold back anything of what ``read`` read."""
    holds = {one.identity for span in read.spans for one in holding(read.held_by, read.watermark, span.interval.high)}
    return tuple(one for one in read.held_by if one.identity in holds)


def gaps(coverage: Iterable[Segment], start: datetime, end: datetime) -> tuple[Interval, ...]:
    """The intervals of ``[start, end)`` that no applied read covers."""
    if not start < end:
        return ()
    return subtract([Interval(low=start, high=end)], (segment.interval for segment in coverage))


def todo(
    coverage: Coverage,
    watermark: Watermark,
    look: Look,
    asked: Sequence[Interval],
    *,
    recheck: timedelta = timedelta(0),
    tick: timedelta = timedelta(0),
) -> tuple[Span, ...]:
    """What the next read of a table reads, disjoint and in order of the cursor.

    The ``asked`` intervals whole (R10); provisional ones as far as something may have changed since (R9); and the
    newest sealed stretch of the length ``recheck``, where nothing should (R12). ``tick`` is the cursor's.
    """
    wanted = merge(asked)
    spans = [Span(interval=interval) for interval in wanted]
    for segment in coverage:
        if part := _changeable(segment, watermark, look, tick):
            spans.extend(Span(interval=rest, base=segment.base) for rest in subtract([part], wanted))
    spans.extend(_rechecks(coverage, wanted, recheck))
    return _join(sorted(spans, key=lambda span: span.interval))


def _changeable(segment: Segment, watermark: Watermark, look: Look, tick: timedelta) -> Interval | None:
    """What of a segment's provisional part may have changed since it was read, as far as the look can tell.

    While the watermark stands still it is what those have reached that have ended. The rest keeps its base, its holders
    and its watermark, so it is read once these move: what is left out here is put off, never lost.
    """
    part = segment.provisional
    if part is None or (watermark.at is not None and watermark.at > part.low):
        return part
    still_open = {transaction.identity for transaction in look.open_transactions}
    # Of one whose start was hidden from us nobody can say whether it is still the same.
    ended = [one for one in segment.held_by if not one.named or one.identity not in still_open]
    if ended:
        return part.since(reached(ended, segment.held_by, segment.watermark, tick))
    return part if segment.watermark is None and not segment.held_by else None


def _rechecks(coverage: Coverage, wanted: Sequence[Interval], recheck: timedelta) -> Iterable[Span]:
    sealed_until = sealed(coverage)
    if not sealed_until or not recheck:
        return
    newest = Interval(low=sealed_until[-1].high - recheck, high=sealed_until[-1].high)
    for segment in coverage:
        part = segment.sealed.intersect(newest) if segment.sealed else None
        if part:
            for rest in subtract([part], wanted):
                yield Span(interval=rest, base=segment.base, recheck=True)


def _join(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Neighbours that are read alike as one: fewer arms in the query.

    A stretch is read by its own base: by a neighbour's lower one, all that was written in between would be read again.
    Only where there are more than :data:`ARMS` the oldest neighbours share the lower base.
    """
    joined = _joined(spans, lambda a, b: a.base == b.base)
    few = max(0, len(joined) - ARMS)
    old, new = joined[: few + 1], joined[few + 1 :]
    return (*(_joined(old, lambda a, b: (a.base is None) == (b.base is None)) if few else old), *new)


def _joined(spans: Iterable[Span], alike: Callable[[Span, Span], bool]) -> tuple[Span, ...]:
    """Neighbours that are ``alike`` as one, by the lower base."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        touch = last is not None and last.interval.high == span.interval.low
        if last and touch and last.recheck == span.recheck and alike(last, span):
            base = None if last.base is None or span.base is None else min(last.base, span.base)
            interval = Interval(low=last.interval.low, high=span.interval.high)
            joined[-1] = Span(interval=interval, base=base, recheck=span.recheck)
        else:
            joined.append(span)
    return tuple(joined)


def without_bases(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same spans, each read whole: after a failover, or where xids can't be read (R10)."""
    return _join([replace(span, base=None) for span in spans])
