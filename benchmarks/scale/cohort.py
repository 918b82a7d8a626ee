"""Tables that have gone through the same, driven through the real core as one: their heads differ by name alone.

What a step of the pipeline does to a head is done here in its order, by the same functions: lease, look, decision,
read, stage, jobs, apply. What stands in the source is counted, not made. A row is *seen* once a read that is applied
has returned it; :meth:`Cohort.check` fails where one that a seal promises has not been.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from world import HOUR, SHORT, ZERO, World, Written, given_at, moment, seconds

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger import requested as requests
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, fresh
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind, Slices, Span, Whole
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.requested import Requester
from floodmark.core.ledger.step import Step
from floodmark.core.ledger.watermark import Watermark, watermark_of
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval, merge, subtract

LEDGER = UUID(int=1)
CADENCE = Every(moment(HOUR) - ZERO)
SETTLE = moment(60.0) - ZERO
LASTS = 45.0
"""Seconds from a look until its read is applied."""
STEPS = ("reading", "staged", "loading", "loaded", "applying")
"""Where a worker may die: what its read is by then."""


class Lost(AssertionError):
    """A seal promised a row that no read has returned."""


@dataclass(kw_only=True)
class Returned:
    """What the source returned to one read: rows ``asked`` for whole, and rows read ``again`` by a base.

    How many of each were new; ``recheck``: those of the second that lie in slices sealed before (R12).
    """

    asked: float = 0
    asked_new: float = 0
    again: float = 0
    again_new: float = 0
    recheck: float = 0
    arms: int = 0

    @property
    def rows(self) -> float:
        return self.asked + self.again


@dataclass(kw_only=True)
class Closed:
    """A read that was applied, at ``at``, and how long its slices had waited for their seal: seconds after each end."""

    read: Read
    at: float
    returned: Returned
    lags: tuple[float, ...] = ()


@dataclass(kw_only=True)
class Cohort:
    """``tables`` tables of which each stands as ``head`` says. They look ``offset`` seconds after an hour's end."""

    tables: int
    offset: float
    world: World
    template: Read
    head: Head = field(default_factory=lambda: fresh("project.shop.orders", LEDGER))
    seen: list[Interval] = field(default_factory=list)
    unseen: dict[int, Written] = field(default_factory=dict)
    known: int = 0
    waiting: list[float] = field(default_factory=list)
    _staged: Returned | None = None
    _would: tuple[list[Interval], set[int]] = field(default_factory=lambda: ([], set()))

    def apart(self, tables: int) -> Cohort:
        """So many of them go their own way from here."""
        self.tables -= tables
        one = copy.copy(self)
        one.tables, one.seen, one.unseen, one.waiting = tables, [*self.seen], {**self.unseen}, [*self.waiting]
        return one

    def state(self, now: float) -> object:
        """Equal for two that go on alike. The base of what is long sealed is asked by nobody, and told by the lower."""
        coverage = self.head.coverage
        if coverage and seconds(coverage[0].interval.high) < now - 24 * HOUR:
            coverage = (replace(coverage[0], base=0), *coverage[1:])
        waits = (self.head.due, self.head.prefetched, tuple(self.seen), tuple(self.unseen), tuple(self.waiting))
        return (self.offset, coverage, self.head.open is None, waits)

    def slice_ended(self, end: float) -> None:
        """A slice more is to be sealed."""
        self.waiting.append(end)

    def run(self, now: float, *, low: float, high: float, by: Requester = Requester.SCHEDULE,
            whole: bool = False, dies: str = "") -> list[Closed]:  # fmt: skip
        """One run of ``[low, high)``; reads that it closed. Where it dies, its read stays as it is by then."""
        self.head = heads.take(self.head, holder="worker", now=moment(now))
        closed = self._tidy(now)
        read = self._decide(now, Interval(low=moment(low), high=moment(high)), by, whole)
        if read is not None:
            self.head = heads.begin(self.head, read)
            closed += self._finish(now, dies) if self._stage(now, dies) else []
        if not dies:
            self.head = heads.release(self.head)
        return closed

    def _tidy(self, now: float) -> list[Closed]:
        """What a worker that died left open (R14, R16)."""
        if self.head.open is None:
            return []
        if self.head.open.state is State.READING:
            self.head, _ = giving_up.void(self.head, "its step ended before it was staged")
            return []
        return self._finish(now, "")

    def _decide(self, now: float, interval: Interval, by: Requester, whole: bool) -> Read | None:
        look = self.world.look(now)
        watermark = watermark_of(look, settle=SETTLE)
        if whole or (not self.head.coverage and self.head.last is None):
            spans = (Span(interval=Interval(low=ZERO, high=look.clock)),)
            kind = Kind.RELOAD if self.head.last else Kind.FIRST
            return self._read(now, Whole(kind=kind, spans=spans), watermark)
        before = [one.interval for one in requests.still_prefetched(self.head.prefetched, look.clock)]
        if by is Requester.BACKFILL and any(one.meets(interval) for one in before):
            self.head = heads.take_as_read(self.head, interval)
        span = by is Requester.SCHEDULE  # catchup: span
        around = (
            Interval(low=ZERO, high=interval.high)
            if span
            else requests.day(interval, ZERO, look.clock - SETTLE, CADENCE)
        )
        asked = merge([*requests.asked(interval, by, self.head.coverage, before, around), *self.head.due])
        spans = coverages.todo(self.head.coverage, watermark, look, asked, recheck=CADENCE.length)
        ahead = subtract(asked, [interval]) if by is Requester.BACKFILL else ()
        return self._read(now, Slices(spans=spans, prefetched=ahead), watermark) if spans else None

    def _read(self, now: float, portion: Slices | Whole, watermark: Watermark) -> Read:
        arms = len(portion.spans)
        return replace(
            self.template, target=self.head.target, read_at=heads.next_read_at(self.head, moment(now)),
            token=self.head.token, portion=portion, state=State.READING, watermark=watermark.at,
            basis=watermark.basis, held_by=watermark.held_by, reasons=watermark.reasons, manifest=None, effects=(),
            snapshot=replace(self.template.snapshot, base=self.world.base(now + 1)), began_at=moment(now),
            query="\nUNION ALL\n".join([self.template.query] * arms), staged_at=None, applied_at=None,
        )  # fmt: skip

    def _stage(self, now: float, dies: str) -> bool:
        if dies == "reading" or self.head.open is None:
            return False
        self._staged = self._returned(self.head.open, now + 1)
        rows = round(self._staged.rows)
        self.head = heads.stage(self.head, self._manifest(rows), now=moment(now + 20))
        return dies != "staged"

    def _manifest(self, rows: int) -> Manifest:
        before = self.template.manifest
        if not rows or before is None:
            return Manifest()
        [one] = before.objects
        each = before.bytes / before.rows
        size = round(rows * each)
        return replace(before, objects=(replace(one, rows=rows, bytes=size),), rows=rows, bytes=size)

    def _finish(self, now: float, dies: str) -> list[Closed]:
        """Staged to applied, by a load job and a merge; a read of no rows by neither (R16)."""
        done = {effect.step: effect.state for effect in self.head.open.effects} if self.head.open else {}
        for step, change in ((Step.LOAD, heads.load), (Step.APPLY, None)):
            if self.head.open is None or (change and self.head.open.state is State.LOADED):
                continue
            if self.head.open.rows and done.get(step) is not EffectState.DONE:
                self._job(step, submitted=step in done, dies=dies == {"load": "loading", "apply": "applying"}[step])
            if dies in {"loading" if change else "applying"}:
                return []
            if change:
                self.head = change(self.head)
            if change and dies == "loaded":
                return []
        return [self._close(now)]

    def _job(self, step: Step, *, submitted: bool, dies: bool) -> None:
        """Intended, then done; one whose worker died in between is attached to by the next (R17)."""
        read = heads.opened(self.head, State.STAGED, State.LOADED)
        if not submitted:
            [before] = self.template.attempts(step)
            name = f"floodmark_{self.head.uuid.hex}_{seconds(read.read_at) * 1e6:.0f}_{step}_1"
            effect = replace(before, job_id=name, state=EffectState.INTENDED, statistics={}, error="")
            self.head = heads.intend(self.head, effect)
        if not dies:
            [intended] = heads.opened(self.head, State.STAGED, State.LOADED).attempts(step)
            [before] = self.template.attempts(step)
            self.head = heads.conclude(self.head, intended.concluded(EffectState.DONE, statistics=before.statistics))

    def _close(self, now: float) -> Closed:
        at = now + LASTS
        self.head, read = heads.apply(self.head, now=moment(at), changed=bool(self.head.open and self.head.open.rows))
        seen, found = self._would
        self.seen = list(merge([*self.seen, *seen]))
        for number in found:
            self.unseen.pop(number, None)
        self.check()
        up_to = seconds(coverages.sealed_up_to(self.head.coverage, ZERO))
        lags = tuple(at - end for end in self.waiting if end <= up_to)
        self.waiting = [end for end in self.waiting if end > up_to]
        returned, self._staged = self._staged or Returned(), None
        return Closed(read=read, at=at, returned=returned, lags=lags)

    def _returned(self, read: Read, snapshot: float) -> Returned:
        """What the read's query returns in its snapshot; what it shows is noted, to count once it is applied."""
        while self.known < len(self.world.rows) and self.world.rows[self.known].since <= snapshot:
            self.unseen[self.known] = self.world.rows[self.known]
            self.known += 1
        found, seen, numbers = Returned(arms=len(read.spans)), list[Interval](), set[int]()
        for span in read.spans:
            low, high = seconds(span.interval.low), min(seconds(span.interval.high), snapshot - SHORT)
            since = low if span.base is None else max(low, given_at(span.base))
            rows, new = 0.0, 0.0
            if since < high:
                part = Interval(low=moment(since), high=moment(high))
                rows += self.world.rate * (high - since)
                new += self.world.rate * sum(one.width.total_seconds() for one in subtract([part], self.seen))
                seen.append(part)
            for one in self._longer(span, snapshot):
                rows += one.rows
                if one.number in self.unseen:
                    new += one.rows
                    numbers.add(one.number)
            if span.base is None:
                found.asked, found.asked_new = found.asked + rows, found.asked_new + new
            else:
                found.again, found.again_new = found.again + rows, found.again_new + new
                found.recheck += rows * span.recheck
        self._would = (seen, numbers)
        return found

    def _longer(self, span: Span, snapshot: float) -> Sequence[Written]:
        low, high = seconds(span.interval.low), seconds(span.interval.high)
        return [
            one
            for one in self.world.between(low, high)
            if one.commit <= snapshot and (span.base is None or one.xid >= span.base)
        ]

    def check(self) -> None:
        """Raise :class:`Lost` where a row of what is sealed has not been seen, or may still be written."""
        sealed = coverages.sealed(self.head.coverage)
        if missing := subtract(sealed, self.seen):
            raise Lost(f"rows of {missing[0]} are sealed and were never returned")
        for one in self.unseen.values():
            at = moment(one.cursor)
            if any(at in interval for interval in sealed):
                raise Lost(f"rows of {at}, written since {moment(one.since)}, committed at {moment(one.commit)}")
