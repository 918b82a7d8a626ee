"""What is due of a table: look at the source, then decide what to read (R4, R9-R12, R24)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import fingerprint as fingerprints
from floodmark.core.ledger import head as heads
from floodmark.core.ledger import requested as requests
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind, Span
from floodmark.core.ledger.read import Renamed
from floodmark.core.ledger.requested import Requester
from floodmark.core.ledger.totals import RELOADED
from floodmark.core.ledger.watermark import Look, Watermark, watermark_of
from floodmark.core.ports import Reading
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import TableSchema
from floodmark.core.time.interval import Interval, merge, subtract
from floodmark.errors import ConfigurationError, SourceUnavailable
from floodmark.pipeline import changed, declared, first_load, own_words, physical, renames, schema_policy
from floodmark.pipeline.fitting import fit
from floodmark.pipeline.table_run import Request, TableRun

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was seen and decided before the snapshot. ``spans`` None is the whole table, empty nothing at all.

    ``head`` is the ledger's, its last read in the columns' names of now; ``renamed`` are those that the target is to
    call otherwise (R32). ``first``: the whole because it is new, perhaps in parts (R24). ``voids`` says why what was
    read before counts no more, so that the whole is read; under ``upserts`` perhaps in parts too. ``removed`` are
    columns that are excluded by now, ``leftovers`` rows that left the source otherwise than one by one (R29, R32).
    ``prefetched`` is what is read before the runs of a backfill that will ask for it. ``notes`` say why it is not what
    was asked for.
    """

    head: Head
    request: Request
    look: Look
    watermark: Watermark
    schema: TableSchema
    resolved: ResolvedTable
    fingerprint: Fingerprint
    spans: tuple[Span, ...] | None
    first: bool = False
    voids: str = ""
    upserts: bool = False
    removed: tuple[str, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    leftovers: tuple[str, ...] = ()
    prefetched: tuple[Interval, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        if self.spans is not None:
            return Kind.SLICE
        if self.first:
            return Kind.FIRST
        if self.request.kind is not Kind.SLICE:
            return self.request.kind
        return Kind.RELOAD if self.resolved.cursor else Kind.REFRESH

    @property
    def append(self) -> bool:
        return self.resolved.sync == "append"

    def overtaken(self, reading: Reading) -> bool:
        """Whether the table's columns are others in the snapshot than they were when it was decided (R32)."""
        now, then = reading.schema, self.schema
        return (now.columns, now.identity) != (then.columns, then.identity)

    def voided(self, reason: str) -> Decision:
        """The same where what was read counts no more: the whole table is read instead."""
        if self.request.kind is not Kind.SLICE or not self.resolved.cursor:
            return replace(self, voids=reason)  # it is read whole in any case
        notes = (*self.notes, f"{RELOADED}{reason}")
        return replace(self, spans=None, first=False, prefetched=(), voids=reason, notes=notes)


def decide(run: TableRun, head: Head, request: Request) -> Decision:
    """Look first, then decide: what begins after the look has a later start (R4)."""
    source, table = run.ports.source, run.table
    look = source.look(head.last.seen if head.last else None)
    own_select = run.own_select()
    if problems := own_words.problems(table, own_select, run.file):
        raise ConfigurationError(problems)
    place = table.relation
    schema = source.describe(place.schema, place.name, sql=own_select, where=table.where or "", choices=table.choices)
    head, renamed, voids = renames.follow(run, head, schema, request)
    before = head.last.fingerprint if head.last else None
    resolved = fit(run.config, table, schema, run.file, head.last, anew=request.anew)
    declared.hold(run, schema, resolved)
    now = changed.fingerprint(run.config.source, table, own_select, resolved, schema, secret=run.ports.secret)
    decision = Decision(
        head=head,
        request=request,
        look=look,
        watermark=watermark_of(
            look, settle=table.settle, skew=table.skew, tick=_tick(schema, resolved), assumed=resolved.assumptions
        ),
        schema=schema,
        resolved=resolved,
        fingerprint=now,
        spans=None,
        upserts=request.kind is Kind.SLICE and changed.upserts(head, now, resolved),
        removed=fingerprints.excluded(before, now) if before else (),
        renamed=renamed,
        notes=(*resolved.told, *renames.told(renamed), *schema_policy.follow(run, head, now, resolved, request)),
    )
    if reason := "; ".join(filter(None, (changed.reason(run, head, now, request), voids))):
        return decision.voided(reason)
    if request.kind is Kind.SLICE and look.clock < run.start:
        note = f"nothing is due before its start, {run.start.isoformat()}"
        log.warning("%s: %s", run.target, note)
        return replace(decision, spans=(), notes=(*decision.notes, note))
    if request.kind is not Kind.SLICE or not resolved.cursor:
        return decision
    if first_load.pending(run, head):
        return replace(decision, first=True)
    asked, tick = _asked(run, head, request, look), _tick(schema, resolved)
    prefetched = subtract(asked, [request.interval]) if request.interval and request.by is Requester.BACKFILL else ()
    return replace(
        decision,
        spans=coverages.todo(head.coverage, decision.watermark, look, asked, recheck=run.recheck, tick=tick),
        prefetched=prefetched,
    )


def _tick(schema: TableSchema, resolved: ResolvedTable) -> timedelta:
    """The coarsest of the cursor's columns."""
    return max((schema.column(column).tick for column in resolved.cursor), default=timedelta(0))


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


def require_decided(run: TableRun, decision: Decision, reading: Reading) -> None:
    """Raise ``SourceUnavailable`` where the decision was overtaken."""
    if decision.overtaken(reading):
        raise SourceUnavailable(
            f"{run.target}: columns of {run.table.relation} changed between the look and the snapshot; the next try "
            "looks again"
        )


def with_history(run: TableRun, head: Head, reading: Reading, decision: Decision) -> Decision:
    """What the last applied read allows to be left out, now that the snapshot is taken (R3, R10, R11, R21, R32).

    Where rows that were read may never have been, or would be others now, the whole table is read and replaced.
    """
    for note in decision.notes:
        log.warning("%s: %s", head.target, note)
    last, spans = head.last, decision.spans or ()
    if last is None:
        return decision if decision.spans is None else replace(decision, spans=coverages.without_bases(spans))
    history = run.ports.source.history(last.snapshot, reading.snapshot)
    reason = history.voided or changed.reason_in_snapshot(run, head, reading, decision.fingerprint, decision.request)
    if history.voided or (reason and not decision.voids):
        log.warning("%s: %s%s", head.target, RELOADED, reason)
        decision = decision.voided(reason)
    if decision.spans is None:
        return decision
    found = physical.moved(head, last, reading, spans)
    for leftover in found.leftovers:
        heal = run.command("reload" if decision.append else "reconcile --heal")
        log.warning("%s: %s; they are removed by: %s", head.target, leftover, heal)
    decision = replace(decision, leftovers=found.leftovers)
    if found.rewritten:
        changed.refuse_under_fail(run, found.rewritten, decision.request)
        log.warning("%s: %s%s", head.target, RELOADED, found.rewritten)
        return decision.voided(found.rewritten)
    arrived = tuple(sorted({leaf.id for leaf in reading.leaves} - {leaf.id for leaf in last.leaves}))
    note = f"new physical tables ({', '.join(map(str, arrived))}) since {last.read_at.isoformat()}"
    if arrived:
        log.warning("%s: %s; all their rows are read", head.target, note)
        decision = replace(decision, notes=(*decision.notes, note))
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
