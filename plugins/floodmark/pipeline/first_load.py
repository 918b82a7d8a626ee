"""The first load of a table: one read of all of it, or a sequence of reads by ranges of its key (R24).

Each part is an ordinary read with a snapshot of its own, so what is applied stays, and a part that was killed is read
again alone. None of them covers anything before the last is applied; that one covers what the first one proved, and
whatever was written since has an xid not below the first one's base: the slices find it there (R10).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Part
from floodmark.core.ledger.read import Read
from floodmark.core.ports import Reading
from floodmark.core.resolve.work import ResolvedTable
from floodmark.pipeline import lease as leases
from floodmark.pipeline.table_run import Request, TableRun


def pending(run: TableRun, head: Head) -> bool:
    """Whether it is still to be done, or to go on."""
    return head.last.portion.continues if head.last else run.table.first_load == "whole"


def goes_on(read: Read | None, request: Request) -> bool:
    """Whether something is left to read for ``request`` after this read: another part, or a slice that ended since."""
    if read is None or not read.portion.first:
        return False
    end = read.spans[-1].interval.high
    return read.portion.continues or (request.interval is not None and request.interval.high > end)


def pause(run: TableRun) -> timedelta:
    """How long the lease is free between two parts: longer than others, who wait for it, take to look again."""
    return 2 * leases.look_every(run.time_to_live)


def part(
    run: TableRun, head: Head, reading: Reading, resolved: ResolvedTable, now: datetime, *, anew: bool = False
) -> Part | None:
    """The part that comes next, ``anew`` the first; None where one read does it all.

    A table is cut along the index of its key: what has none (a view, a SELECT of one's own, a table of appended rows)
    is read in one. So is one whose key is masked: the ledger and the query would hold the bounds' values.
    """
    if not (resolved.unique and reading.schema.splittable) or run.table.mask.among(resolved.key):
        return None
    last = head.last if head.last and head.last.portion.continues and not anew else None
    before = last.part if last else None
    low = before.high if before else ()
    high = reading.part_end(low, run.table.first_load_rows)
    if not (low or high):
        return None
    rows_before = before.before + last.rows if before and last else 0
    return Part(
        low=low,
        high=high,
        number=before.number + 1 if before else 1,
        rows=run.table.first_load_rows,
        before=rows_before,
        total=reading.schema.estimated_rows,
        since=before.since if before else now,
    )


def proving_what_the_first_did(read: Read, last: Read) -> Read:
    """A later part with the watermark, the base and the physical tables of the first, which ``last`` has from it."""
    snapshot = replace(read.snapshot, base=last.snapshot.base, durable=last.snapshot.durable)
    return replace(
        read, watermark=last.watermark, basis=last.basis, held_by=last.held_by, reasons=last.reasons,
        snapshot=snapshot, leaves=last.leaves,
    )  # fmt: skip


def progress(last: Read | None, now: datetime) -> str:
    """How far it is, for people: rows, and the time that is left at this pace; empty where none is under way."""
    if last is None or not last.portion.continues or last.part is None:
        return ""
    current_part = last.part
    rows_read = current_part.before + last.rows
    words = f"{'reload' if last.portion.anew else 'first load'}: part {current_part.number} is done, {rows_read:,}"
    if current_part.total <= rows_read:  # nobody has ever counted, or many came since
        return f"{words} rows so far"
    time_left = (now - current_part.since) * ((current_part.total - rows_read) / rows_read)
    return f"{words} of about {current_part.total:,} rows, about {_rounded(time_left)} left"


def _rounded(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{max(minutes, 1)} min"
