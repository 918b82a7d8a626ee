"""What is applied is what was staged (R33): raw still holds it, all of it, and will until the merge has run."""

from __future__ import annotations

import logging
from datetime import UTC

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.merge import Merge
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question
from floodmark.core.time.units import DAY
from floodmark.errors import JobRunning, RawLost
from floodmark.pipeline.effects import settle
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)

MARGIN = DAY
"""Raw's partitions are days, and expire by the day's beginning: a read of its last minute lives a day less (BigQuery's
page "Manage partitioned tables", *Set the partition expiration*)."""


def require_held(run: TableRun, lease: Lease, merge: Merge, step: str) -> None:
    """See that raw holds the open read's rows, right before ``step`` applies them; after it is done, that is history.

    Where it doesn't, or where the partition may expire while the merge runs, the read is void and its slices are due
    again. An apply that was intended is first looked after, or kept from ever running (R17).

    Raises:
        RawLost: it is void now.
        JobRunning: an apply of it runs; what it did counts.
    """
    read = _open(lease)
    applied = any(effect.state is EffectState.DONE for effect in read.attempts(step))
    if applied or not (read.rows or merge.replace):
        return
    reason = _lost(run, read, merge)
    if not reason:
        return
    for effect in read.effects:
        settled = settle(run, lease, effect)
        if settled is None:
            message = f"{run.target}: job {effect.job_id} runs, though {reason}"
            raise JobRunning(message, job_id=effect.job_id, location=effect.location)
        if settled.step == step and settled.state is EffectState.DONE:
            return
    lease.write(lambda head: giving_up.lose(head, reason))
    log.error("%s: the read of %s is void, its slices are read again: %s", run.target, read.read_at.isoformat(), reason)
    raise RawLost(
        f"{run.target}: the read of {read.read_at.isoformat()} is void: {reason}; the next run of the table reads its "
        "slices again; a reload must be asked for again"
    )


def _lost(run: TableRun, read: Read, merge: Merge) -> str:
    """Why raw can't be relied on for this read; empty where it can. The clock is BigQuery's own, which expires rows."""
    sql = statement("raw_held.sql", {"raw": merge.raw, "read_at": read.read_at})
    [held] = run.ask(Question.HELD, sql)
    if held["rows"] != read.rows:
        return f"{merge.raw} holds {held['rows']} of its {read.rows} rows: they expired, or somebody changed them"
    retention = run.config.retention.raw
    if retention is not None and held["clock"].astimezone(UTC) - read.read_at >= retention - MARGIN:
        return f"it is as old as retention: raw ({retention.days} days) allows, and {merge.raw} may lose it any moment"
    return ""


def _open(lease: Lease) -> Read:
    if lease.head.open is None:
        raise heads.Unlawful(f"{lease.head.target}: nothing is loaded")
    return lease.head.open
