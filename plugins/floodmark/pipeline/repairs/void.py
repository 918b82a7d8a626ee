"""What only a person decides: to give a staged read up, or to try a failed step once more."""

from __future__ import annotations

from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import is_apply
from floodmark.errors import FatalError
from floodmark.pipeline.effects import settle
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun


def unblock(run: TableRun) -> str:
    """Say that the cause is mended: the step that failed is tried again. What blocked it; empty where nothing did."""
    with run.lease() as lease:
        error = lease.head.error
        if error:
            lease.write(heads.unblock)
        return error


def give_up(run: TableRun, reason: str) -> Read:
    """Void the open read, under a lease of its own: see :func:`abandon`."""
    with run.lease() as lease:
        return abandon(run, lease, reason)


def abandon(run: TableRun, lease: Lease, reason: str) -> Read:
    """Void the open read, so that its slices are read anew. What it staged stays until it is old.

    The ids of its jobs are taken first, so that none can run any more (R17). What it put into raw stays there, as what
    that read saw; nothing applies it. Raises ``FatalError`` where there is no open read, or where its merge has run or
    still may: then only finishing it, or a reload, is right.
    """
    read = lease.head.open
    if read is None:
        raise FatalError(f"{run.target}: no read is open; there is nothing to void")
    if [effect for effect in read.effects if _stands(run, lease, effect.job_id)]:
        raise FatalError(
            f"{run.target}: the read of {read.read_at.isoformat()} is being loaded, or has begun to reach current; "
            f"finish it, and read all of it anew: {run.command('reload')}"
        )
    lease.write(lambda head: giving_up.void(head, reason, loaded=True))
    lease.write(lambda head: heads.block(head, head.last.error if head.last else ""))
    return read


def _stands(run: TableRun, lease: Lease, job_id: str) -> bool:
    """Whether a job stands in the way: one that may still run, or has changed current. Takes an id nobody knows of."""
    read = lease.head.open
    effect = next(effect for effect in (read.effects if read else ()) if effect.job_id == job_id)
    settled = settle(run, lease, effect)
    return settled is None or (settled.state is EffectState.DONE and is_apply(settled.step))
