"""The one place where reads are made: from a decision, or to heal what a reconcile found."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import FirstPart, Kind, Reconcile, Slices, Span, Takeover, Whole
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.schema_change import retired
from floodmark.core.ports import Reading, Selection
from floodmark.core.time.interval import Interval
from floodmark.core.time.units import MICROSECOND
from floodmark.pipeline import first_load, physical
from floodmark.pipeline.clock import now
from floodmark.pipeline.decide import Decision
from floodmark.pipeline.selection import carried
from floodmark.pipeline.table_run import TableRun


def of_decision(run: TableRun, head: Head, decision: Decision, reading: Reading, chosen: Selection) -> Read:
    """The read that ``decision`` comes to, with its query, named by the look's clock (R15)."""
    watermark, columns = decision.watermark.assuming(reading.assumptions), carried(reading.schema, chosen)
    read_at = heads.next_read_at(head, decision.look.clock)
    read = Read(
        target=head.target,
        read_at=read_at,
        token=head.token,
        run_id=decision.request.run_id,
        portion=_portion(run, head, decision, reading, read_at),
        state=State.READING,
        watermark=watermark.at,
        basis=watermark.basis,
        held_by=watermark.held_by,
        reasons=decision.notes + watermark.reasons,
        snapshot=reading.snapshot,
        leaves=physical.known(head.last, reading),
        seen=decision.look.seen,
        key=chosen.all_in_target(chosen.key),
        unique=decision.resolved.unique,
        append=decision.append,
        columns=columns,
        fingerprint=replace(decision.fingerprint, catalog=reading.catalog),
        removed=decision.removed,
        renamed=decision.renamed,
        retired=() if decision.request.anew else retired(head.last, columns, decision.removed),
        leftovers=decision.leftovers,
        began_at=now(),
    )
    if decision.first and head.last:
        read = first_load.proving_what_the_first_did(read, head.last)
    slices = read.portion.wanted
    return read if slices == () else replace(read, query=reading.query(slices, read.read_at, read.part))


def of_takeover(run: TableRun, head: Head, decision: Decision, reading: Reading, chosen: Selection) -> Read:
    """The first read of a table whose rows come from one that somebody else filled.

    That one may lack what the snapshot shows, so nothing is known by transaction: what isn't sealed is read whole.
    """
    whole = replace(decision, spans=None, request=replace(decision.request, kind=Kind.RELOAD))
    read = of_decision(run, head, whole, reading, chosen)
    portion = Whole(kind=Kind.FIRST, spans=_everything(run, decision))
    return replace(read, portion=portion, snapshot=replace(reading.snapshot, base=None), removed=(), query="")


def taking_over(read: Read, takeover: Takeover) -> Read:
    """The same read, once it is known what is taken."""
    return replace(read, portion=Whole(kind=Kind.FIRST, spans=read.spans, takeover=takeover))


def of_reconcile(head: Head, decision: Decision, reading: Reading, chosen: Selection, run_id: str) -> Read:
    """The read that heals, before it is known what. It covers nothing and proves nothing, so it has no watermark.

    Its physical tables are those that the last slices saw: the rows of one that came since are still to be read (R11).
    """
    columns = carried(reading.schema, chosen)
    return Read(
        target=head.target,
        read_at=heads.next_read_at(head, decision.look.clock),
        token=head.token,
        run_id=run_id,
        portion=Reconcile(),
        state=State.READING,
        watermark=None,
        snapshot=reading.snapshot,
        leaves=head.last.leaves if head.last else reading.leaves,
        key=chosen.all_in_target(chosen.key),
        unique=decision.resolved.unique,
        columns=columns,
        retired=retired(head.last, columns),
        fingerprint=head.last.fingerprint if head.last else None,
        began_at=now(),
    )


def _portion(
    run: TableRun, head: Head, decision: Decision, reading: Reading, read_at: datetime
) -> Slices | Whole | FirstPart:
    if decision.spans is not None:
        return Slices(spans=decision.spans, prefetched=decision.prefetched)
    spans = _everything(run, decision) if decision.resolved.cursor else ()
    if decision.first:
        part = first_load.part(run, head, reading, decision.resolved, now())
        # A later part covers what the first one did.
        spans = head.last.spans if head.last else spans
        voids, began = _going_on(head)
        if part:
            return FirstPart(spans=spans, part=part, voids=voids, first_read_at=began)
        return Whole(kind=Kind.FIRST, spans=spans)
    if decision.voids and decision.upserts:
        part = first_load.part(run, head, reading, decision.resolved, now(), anew=True)
        if part:
            return FirstPart(spans=spans, part=part, voids=decision.voids, first_read_at=read_at)
    if decision.kind is Kind.REFRESH:
        return Whole(kind=Kind.REFRESH, spans=spans, voids=decision.voids)
    return Whole(kind=Kind.RELOAD, spans=spans, voids=decision.voids, remade=decision.request.anew)


def _going_on(head: Head) -> tuple[str, datetime | None]:
    """Why the parts before it were read, and since when, where they replace rows that count no more (R29)."""
    before = head.last.portion if head.last else None
    return (before.voids, before.first_read_at) if isinstance(before, FirstPart) else ("", None)


def _everything(run: TableRun, decision: Decision) -> tuple[Span, ...]:
    """From the table's start up to the look."""
    return (Span(interval=Interval(low=run.start, high=max(decision.look.clock, run.start + MICROSECOND))),)
