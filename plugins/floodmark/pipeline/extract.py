"""Source to stage: look, decide what to read, read it in one snapshot, write it down.

Reads from top to bottom as the data flows. Every step writes to the ledger under its lease's token or not at all.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Manifest, Read, Span, State
from floodmark.core.ledger.requested import By
from floodmark.core.ledger.watermark import Look
from floodmark.core.ports import Reading, Selection
from floodmark.core.time.interval import Interval
from floodmark.errors import FatalError, SourceRefused
from floodmark.pipeline import first_load
from floodmark.pipeline.decide import Due, decide, with_history
from floodmark.pipeline.lease import Lease, now
from floodmark.pipeline.load import finish
from floodmark.pipeline.outcome import Outcome, outcome
from floodmark.pipeline.selection import carried, selection
from floodmark.pipeline.staging import close_unchanged, object_name, record
from floodmark.pipeline.table_run import Ask, Sync

log = logging.getLogger(__name__)


def extract(sync: Sync, ask: Ask) -> Outcome:
    """Read what ``ask`` wants of the table, and what else is due, into the stage.

    A retry goes on with the read that it began. A read that found nothing is applied at once. A new table is read
    first, and all parts of that but the last are applied here: whoever waits for the lease does some of them (R24).
    """
    while True:
        with sync.lease() as lease:
            read = _next(sync, lease, ask)
            if not first_load.goes_on(read, ask):
                return outcome(sync.table.name, lease.head, read)
            if lease.head.open:
                finish(sync, lease)
            log.info("%s: %s", sync.target, first_load.progress(lease.head.last, now()) or "the first load is done")
        time.sleep(first_load.pause(sync).total_seconds())


def _next(sync: Sync, lease: Lease, ask: Ask) -> Read | None:
    """The read that is staged for ``ask``, or that found nothing."""
    if adopted := tidy(sync, lease, ask.run_id):
        return adopted
    try:
        return _read(sync, lease, ask)
    except FatalError as error:
        stand_still(lease, error)
        raise


def tidy(sync: Sync, lease: Lease, run_id: str = "") -> Read | None:
    """Deal with the read that an earlier step left open, before any look (R14, R16).

    A retry adopts its own; another run's is finished; one that was still ``reading`` is void, since its token is not
    ours. Returns the adopted read, if any.
    """
    left = lease.head.open
    if left is None:
        return None
    if left.state is State.READING:
        log.info("%s: the read of %s was never staged; it is void", sync.target, left.read_at.isoformat())
        lease.write(lambda head: heads.void(head, "its step ended before it was staged"))
        return None
    if run_id and left.run_id == run_id:
        return left
    finish(sync, lease)
    return None


def stand_still(lease: Lease, error: FatalError) -> None:
    """Say in the ledger why the table stands still; a read that was never staged is void."""
    if lease.head.open and lease.head.open.state is State.READING:
        lease.write(lambda head: heads.void(head, str(error)))
    lease.write(lambda head: heads.block(head, error.reason))


def _read(sync: Sync, lease: Lease, ask: Ask) -> Read | None:
    due = decide(sync, lease.head, ask)
    if ask.by is By.BACKFILL and ask.interval and any(one.interval.meets(ask.interval) for one in lease.head.ahead):
        interval = ask.interval
        lease.write(lambda head: heads.take_as_read(head, interval))
    if due.spans == ():
        return None
    if not due.first:
        _tell_gaps(sync, lease.head, ask)
    chosen = selection(sync, due.resolved)
    last = lease.head.last
    with sync.ports.source.open(chosen, last.snapshot if last else None) as reading:
        due = with_history(lease.head, reading, due)
        counts = _cursor_counts(sync, reading, chosen)
        read = _begin(sync, lease, due, reading, chosen)
        _stage(sync, lease, reading, read, counts)
    opened = lease.head.open
    if opened is not None and _is_empty(lease.head, opened):
        return close_unchanged(lease)
    return opened


def _tell_gaps(sync: Sync, head: Head, ask: Ask) -> None:
    """A slice whose run was skipped, or failed for good, is a gap until somebody fills it."""
    if head.last is None or ask.interval is None:
        return
    holes = coverages.gaps(head.coverage, sync.start, ask.interval.low)
    if holes:
        log.warning(
            "%s: %d gaps before this run, the first %s; fill them with a backfill, or: floodmark run --gaps",
            sync.target,
            len(holes),
            holes[0],
        )


def _begin(sync: Sync, lease: Lease, due: Due, reading: Reading, chosen: Selection) -> Read:
    """Open the read in the ledger, after the snapshot and before the first row (R15)."""
    head, mark, look = lease.head, due.mark.assuming(reading.assumptions), due.look
    refuse_stranger(sync, look, reading)
    read_at = heads.next_read_at(head, look.clock)
    everything = Span(interval=Interval(low=sync.start, high=max(look.clock, sync.start + heads.MICROSECOND)))
    whole = (everything,) if due.resolved.cursor else ()
    read = Read(
        target=head.target,
        read_at=read_at,
        token=head.token,
        run_id=due.ask.run_id,
        kind=due.kind,
        state=State.READING,
        spans=whole if due.spans is None else due.spans,
        mark=mark.at,
        basis=mark.basis,
        held_by=mark.held_by,
        reasons=due.notes + mark.reasons,
        snapshot=reading.snapshot,
        leaves=reading.leaves,
        key=chosen.key,
        unique=due.resolved.unique,
        append=due.append,
        columns=carried(reading.schema, chosen),
        part=first_load.part(sync, head, reading, due.resolved, now()) if due.first else None,
        ahead=due.ahead,
        began_at=now(),
    )
    if due.first and head.last:
        read = first_load.proving_what_the_first_did(read, head.last)
    if read.wanted != ():
        read = replace(read, query=reading.query(read.wanted, read_at, read.part))
    lease.write(lambda current: heads.begin(current, read))
    log.info("%s: reading at %s\n%s", sync.target, read_at.isoformat(), read.query)
    return read


def refuse_stranger(sync: Sync, look: Look, reading: Reading) -> None:
    seen, read = look.system_id, reading.snapshot.system_id
    if seen and read and seen != read:
        raise SourceRefused(
            f"{sync.target}: the look was taken on cluster {seen}, the snapshot on {read}; seal_connection must be the "
            "primary of the connection's standby"
        )


def _cursor_counts(sync: Sync, reading: Reading, chosen: Selection) -> tuple[int, int]:
    """Rows that no slice can hold, and rows whose slice is yet to come (R22)."""
    if not chosen.cursor:
        return (0, 0)
    nulls, future = reading.counts()
    if nulls and chosen.null_cursor == "fail":
        raise SourceRefused(
            f"{sync.file}: tables.{sync.table.name}: {nulls} rows of {chosen.schema}.{chosen.name} have a cursor "
            f"({', '.join(chosen.cursor)}) that is null or infinite, so they lie in no slice; give them one, or write "
            "null_cursor: include (read with every slice) or ignore"
        )
    return (nulls, future)


def _stage(sync: Sync, lease: Lease, reading: Reading, read: Read, counts: tuple[int, int]) -> None:
    """Rows into objects, the manifest last."""
    manifest = _staged(sync, reading, read, f"{object_name(sync, read)}.parquet")
    manifest = replace(manifest, null_cursors=counts[0], future_cursors=counts[1])
    record(sync, lease, reading, read, manifest)


def _staged(sync: Sync, reading: Reading, read: Read, name: str) -> Manifest:
    """The rows that are wanted, in one object; none where there are no rows."""
    if read.wanted == ():
        return Manifest()
    rows = reading.rows(read.wanted, read.read_at, read.part)
    if rows.empty():
        return Manifest(digest=rows.digest, quarantined=len(rows.quarantined))
    return sync.ports.stage.write(name, rows)


def _is_empty(head: Head, read: Read) -> bool:
    """Whether nothing is left to do: an upsert of no rows, or an append to where there were none (R16, R21)."""
    if read.rows or read.replaces:
        return False
    covered = [segment.interval for segment in head.coverage]
    return not read.append or not any(span.interval.meets(other) for span in read.wanted or () for other in covered)
