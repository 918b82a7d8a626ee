"""What is due of a table: look at the source, then decide what to read (R4, R9-R12, R24)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import head as heads
from floodmark.core.ledger import requested as requests
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Kind, Span
from floodmark.core.ledger.requested import Requester
from floodmark.core.ledger.watermark import Look, Watermark, watermark_of
from floodmark.core.ports import Reading
from floodmark.core.resolve import ResolvedTable
from floodmark.core.time.interval import Interval, merge, subtract
from floodmark.pipeline import first_load
from floodmark.pipeline.fitting import fit
from floodmark.pipeline.table_run import Request, TableRun

log = logging.getLogger(__name__)

RELOADED = "reloaded: "
"""So begins the reason of a read that became a reload because of the source."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was seen and decided before the snapshot. ``spans`` None is the whole table, empty nothing at all.

    ``first``: the whole because it is new, perhaps in parts (R24). ``prefetched`` is what is read before the runs of a
    backfill that will ask for it. ``notes`` say why it is not what was asked for.
    """

    request: Request
    look: Look
    watermark: Watermark
    resolved: ResolvedTable
    spans: tuple[Span, ...] | None
    first: bool = False
    prefetched: tuple[Interval, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        if self.spans is not None:
            return Kind.SLICE
        if self.first:
            return Kind.FIRST
        return Kind.REFRESH if self.request.kind is Kind.SLICE else self.request.kind

    @property
    def append(self) -> bool:
        return self.resolved.sync == "append"


def decide(run: TableRun, head: Head, request: Request) -> Decision:
    """Look first, then decide: what begins after the look has a later start (R4)."""
    source, table = run.ports.source, run.table
    look = source.look()
    schema = source.describe(table.relation.schema, table.relation.name)
    resolved = fit(run.config, table, schema, run.file)
    watermark = watermark_of(look, settle=table.settle, skew=table.skew, assumed=resolved.assumptions)
    decision = Decision(request=request, look=look, watermark=watermark, resolved=resolved, spans=None)
    if request.kind is not Kind.SLICE or not resolved.cursor:
        return decision
    if first_load.pending(run, head):
        return replace(decision, first=True)
    asked = _asked(run, head, request, look)
    prefetched = subtract(asked, [request.interval]) if request.interval and request.by is Requester.BACKFILL else ()
    return replace(
        decision,
        spans=coverages.todo(head.coverage, watermark, look, asked, recheck=run.recheck),
        prefetched=prefetched,
    )


def _asked(run: TableRun, head: Head, request: Request, look: Look) -> tuple[Interval, ...]:
    """What is to be read whole: for the run's interval, the unread ones around it (R10), and what got lost (R33)."""
    return merge([*_around(run, head, request, look), *head.due])


def _around(run: TableRun, head: Head, request: Request, look: Look) -> tuple[Interval, ...]:
    if request.interval is None:
        return ()
    if run.config.catchup == "span":
        around = Interval(low=min(run.start, request.interval.low), high=request.interval.high)
    else:
        around = requests.day(request.interval, run.start, look.clock - run.table.settle, run.table.cadence)
    return requests.asked(
        request.interval, request.by, head.coverage, heads.prefetched_intervals(head, look.clock), around
    )


def with_history(run: TableRun, head: Head, reading: Reading, decision: Decision) -> Decision:
    """What the last applied read allows to be left out, now that the snapshot is taken (R3, R10, R11, R21).

    Where rows that were read may never have been, the whole table is read and replaced.
    """
    last, spans = head.last, decision.spans or ()
    if decision.spans is None and not decision.first:
        return decision  # the whole table is read, and replaced
    if last is None:
        return decision if decision.first else replace(decision, spans=coverages.without_bases(spans))
    history = run.ports.source.history(last.snapshot, reading.snapshot)
    if reason := history.voided:
        log.warning("%s: reloaded: %s", head.target, reason)
        whole = replace(decision.request, kind=Kind.RELOAD)
        return replace(decision, spans=None, first=False, prefetched=(), request=whole, notes=(f"{RELOADED}{reason}",))
    if decision.first:
        return decision
    arrived = tuple(sorted({leaf.id for leaf in reading.leaves} - {leaf.id for leaf in last.leaves}))
    note = f"new physical tables ({', '.join(map(str, arrived))}) since {last.read_at.isoformat()}"
    if arrived:
        log.warning("%s: %s; all their rows are read", head.target, note)
        decision = replace(decision, notes=(note,))
    if not reading.schema.row_versions or not history.bases:
        covered = [segment.interval for segment in head.coverage] if arrived else []
        return replace(decision, spans=_whole(spans, covered))
    spans = (*(replace(span, recheck=span.recheck and not arrived) for span in spans), *_of_leaves(head, arrived))
    return replace(decision, spans=_counted(reading, spans) if decision.append else spans)


def _whole(spans: tuple[Span, ...], covered: list[Interval]) -> tuple[Span, ...]:
    """The spans read whole, and with them all that is covered, where rows may have come into any of it."""
    if not covered:
        return coverages.without_bases(spans)
    return tuple(Span(interval=one) for one in merge([*covered, *(span.interval for span in spans)]))


def _of_leaves(head: Head, arrived: tuple[int, ...]) -> tuple[Span, ...]:
    """All that is covered, for the rows of these physical tables only: their xids are older than any base (R11).

    They are in no way late, but can't be told from late rows; so such a read rechecks nothing.
    """
    covered = merge(segment.interval for segment in head.coverage) if arrived else ()
    return tuple(Span(interval=interval, leaves=arrived) for interval in covered)


def _counted(reading: Reading, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """An append table's spans: what nobody asked for is read only where it gained rows, and then whole (R21).

    What gained none stands as it was read. Some rows count although they were read before: an xid may lie above the
    base of a read that saw its row.
    """
    asked = [span for span in spans if span.base is None and not span.leaves]
    others = [span for span in spans if span not in asked]
    found = [replace(span, fresh=fresh) for span, fresh in zip(others, reading.fresh(others), strict=True)]
    gained = [replace(span, base=None, leaves=()) for span in found if span.fresh]
    still = [span for span in found if not span.fresh and not span.leaves]
    return tuple(sorted([*asked, *gained, *still], key=lambda span: span.interval))
