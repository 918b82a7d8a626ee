"""Source to stage: look, decide what to read, read it in one snapshot, write it down.

Reads from top to bottom as the data flows. Every step writes to the ledger under its lease's token or not at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.requested import Requester
from floodmark.core.ledger.watermark import Look
from floodmark.core.ports import Reading, Selection
from floodmark.errors import RawLost, SourceRefused
from floodmark.pipeline import first_load, reads
from floodmark.pipeline.clock import now
from floodmark.pipeline.decide import Decision, decide, require_decided, with_history
from floodmark.pipeline.exports import going_on, offloads, staged_export
from floodmark.pipeline.history import keep_history
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.load import finish
from floodmark.pipeline.outcome import Outcome, outcome
from floodmark.pipeline.repairs.void import abandon
from floodmark.pipeline.require_rows import require_read
from floodmark.pipeline.room import tell_unpartitioned
from floodmark.pipeline.selection import selection
from floodmark.pipeline.staging import close_unchanged, object_name, record, staged, tell_bad_values
from floodmark.pipeline.standing import go_on, told
from floodmark.pipeline.table_run import Request, TableRun

log = logging.getLogger(__name__)

_TRIES = 3
"""How often it is decided anew where the table's columns change between the look and the snapshot."""


def extract(run: TableRun, request: Request, ready: Callable[[], None] | None = None) -> Outcome:
    """Read what ``request`` wants of the table, and what else is due, into the stage.

    A retry goes on with the read that it began. A read that found nothing is applied at once. A new table is read
    first, and all parts of that but the last are applied here: whoever waits for the lease does some of them (R24).

    With ``ready`` it is loaded and merged too, under the same lease; ``ready`` is called before, and may raise.
    """
    run.meter.run_id = request.run_id
    while True:
        with run.lease() as lease:
            read = _next(run, lease, request)
            if not first_load.goes_on(read, request):
                if lease.head.open and ready:
                    ready()
                    finish(run, lease)
                    read = lease.head.last
                if lease.head.open is None:  # else who loads it does
                    keep_history(run, lease)
                return outcome(run.table, lease.head, read)
            if lease.head.open:
                finish(run, lease)
            log.info("%s: %s", run.target, first_load.progress(lease.head.last, now()) or "the first load is done")
        time.sleep(first_load.pause(run).total_seconds())


def _next(run: TableRun, lease: Lease, request: Request) -> Read | None:
    """The read that is staged for ``request``, or that found nothing."""
    open_read = lease.head.open
    if request.anew and open_read is not None and open_read.state is not State.READING:
        if open_read.remade and not lease.head.error:
            return open_read  # whoever asked for that was killed on the way
        abandon(run, lease, "the table is made anew")
    if adopted := tidy(run, lease, request.run_id):
        return adopted
    with told(lease):
        return _read(run, lease, request)


def tidy(run: TableRun, lease: Lease, run_id: str = "") -> Read | None:
    """Deal with the read that an earlier step left open, before any look (R14, R16).

    A retry adopts its own; another run's is finished; one that was still ``reading`` is void, since its token is not
    ours, unless its source exports it: that export is gone on with (R17). Returns the adopted read, if any.
    """
    open_read = lease.head.open
    if open_read is not None and open_read.state is State.READING and resume(run, lease):
        open_read = lease.head.open
    if open_read is None:
        return None
    if open_read.state is State.READING:
        log.info("%s: the read of %s was never staged; it is void", run.target, open_read.read_at.isoformat())
        lease.note(lambda head: giving_up.void(head, "its step ended before it was staged"))
        return None
    if run_id and open_read.run_id == run_id:
        return open_read
    try:
        finish(run, lease)
    except RawLost as lost:
        log.warning("%s", lost)  # this very run reads its slices again
    lease.store()
    return None


def _read(run: TableRun, lease: Lease, request: Request, tries: int = _TRIES) -> Read | None:
    decision = decide(run, lease.head, request)
    if (
        request.by is Requester.BACKFILL
        and request.interval
        and any(one.interval.meets(request.interval) for one in lease.head.prefetched)
    ):
        interval = request.interval
        lease.note(lambda head: heads.take_as_read(head, interval))
    if decision.spans == ():
        go_on(lease)
        return None
    if not decision.first:
        _tell_gaps(run, lease.head, request)
    whole = decision.spans is None
    chosen = selection(run, decision.resolved, offload=offloads(run, decision), whole=whole)
    last = lease.head.last
    with run.ports.source.open(chosen, last.snapshot if last else None) as reading:
        overtaken = tries > 1 and decision.overtaken(reading)
        if not overtaken:
            require_decided(run, decision, reading)
            decision = with_history(run, decision.head, reading, decision)
            counts = cursor_counts(run, reading, chosen)
            read = _begin(run, lease, decision, reading, chosen)
            _stage(run, lease, reading, read, counts)
    if overtaken:
        return _read(run, lease, request, tries - 1)
    opened = lease.head.open
    if opened is not None and _is_empty(lease.head, opened):
        return close_unchanged(lease)
    return opened


def resume(run: TableRun, lease: Lease) -> bool:
    """Stage the open read, whose export a step before this one had begun; False where there is none to go on with."""
    with going_on(run, lease) as found:
        if found is None:
            return False
        reading, chosen, read = found
        log.info("%s: going on with the export of %s", run.target, read.read_at.isoformat())
        _stage(run, lease, reading, read, cursor_counts(run, reading, chosen))
    return True


def _tell_gaps(run: TableRun, head: Head, request: Request) -> None:
    """A slice whose run was skipped, or failed for good, is a gap until somebody fills it."""
    if not head.coverage or request.interval is None:
        return  # new, or read whole each time: there are no slices to miss
    holes = coverages.gaps(head.coverage, run.start, request.interval.low)
    if holes:
        log.warning(
            "%s: %d gaps before this run, the first %s; fill them with a backfill, or: %s",
            run.target,
            len(holes),
            holes[0],
            run.command("run --gaps", "--table"),
        )


def _begin(run: TableRun, lease: Lease, decision: Decision, reading: Reading, chosen: Selection) -> Read:
    """Open the read in the ledger, after the snapshot and before the first row (R15)."""
    refuse_stranger(run, decision.look, reading)
    read = reads.of_decision(run, decision.head, decision, reading, chosen)
    lease.write(lambda current: heads.begin(current, read))
    log.info("%s: reading at %s\n%s", run.target, read.read_at.isoformat(), read.query)
    return read


def refuse_stranger(run: TableRun, look: Look, reading: Reading) -> None:
    seen, read = look.server, reading.snapshot.server
    if seen and read and seen != read:
        raise SourceRefused(
            f"{run.target}: the look was taken on server {seen}, the snapshot on {read}; seal_connection must be the "
            "primary of the connection's standby"
        )


def cursor_counts(run: TableRun, reading: Reading, chosen: Selection) -> tuple[int, int]:
    """Rows that no slice can hold, and rows whose slice is yet to come (R22)."""
    if not chosen.cursor:
        return (0, 0)
    nulls, future = reading.counts()
    if nulls and chosen.null_cursor == "fail":
        raise SourceRefused(
            f"{run.file}: tables.{run.table.name}: {nulls} rows of {chosen.schema}.{chosen.name} have a cursor "
            f"({', '.join(chosen.cursor)}) that is null or infinite, so they lie in no slice; give them one, or write "
            "null_cursor: include (read with every slice) or ignore"
        )
    return (nulls, future)


def _stage(run: TableRun, lease: Lease, reading: Reading, read: Read, counts: tuple[int, int]) -> None:
    """Rows into objects, the manifest last."""
    manifest = _staged(run, lease, reading, read, object_name(run, read))
    read = lease.head.open or read
    manifest = replace(manifest, null_cursors=counts[0], future_cursors=counts[1])
    tell_bad_values(run, manifest)
    require_read(run, read, manifest)
    tell_unpartitioned(run, manifest)
    record(run, lease, reading, read, manifest)


def _staged(run: TableRun, lease: Lease, reading: Reading, read: Read, name: str) -> Manifest:
    """The rows that are wanted, in one object, or in what the source makes itself; none where there are no rows."""
    if read.portion.wanted == ():
        return Manifest()
    if reading.exporter is not None:
        return staged_export(run, lease, reading.exporter)
    manifest = reading.staged(name, lambda: run.ports.stage, read.portion.wanted, read.read_at, read.part)
    if manifest is not None:
        return manifest
    rows = reading.rows(read.portion.wanted, read.read_at, read.part)
    if rows.empty() and not rows.quarantined:
        return Manifest(digest=rows.digest, tally=rows.tally)
    return staged(run, read, rows)


def _is_empty(head: Head, read: Read) -> bool:
    """Whether nothing is left to do: an upsert of no rows, or an append to where there were none (R16, R21)."""
    if read.rows or read.portion.renewed or read.removed or read.renamed:
        return False
    covered = [segment.interval for segment in head.coverage]
    intervals = [span.interval for span in read.portion.wanted or ()]
    return not read.append or not any(interval.meets(other) for interval in intervals for other in covered)
