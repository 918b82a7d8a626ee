"""What only a person decides: to give a staged read up, or to try a failed step once more."""

from __future__ import annotations

from floodmark.core import head as heads
from floodmark.core import jobs
from floodmark.core.read import EffectState, Read, State
from floodmark.errors import FatalError
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.sync import Sync


def unblock(sync: Sync) -> str:
    """Say that the cause is mended: the step that failed is tried again. What blocked it; empty where nothing did."""
    with sync.lease() as lease:
        error = lease.head.error
        if error:
            lease.write(heads.unblock)
        return error


def give_up(sync: Sync, reason: str) -> Read:
    """Void the open read, so that its slices are read anew. What it staged stays until it is old.

    The ids of its jobs are taken first, so that none can run any more (R17). Raises ``FatalError`` where there is no
    open read, or where it is in raw already: then only finishing it, or a reload, is right.
    """
    with sync.lease() as lease:
        read = lease.head.open
        if read is None:
            raise FatalError(f"{sync.target}: no read is open; there is nothing to void")
        if read.state is State.LOADED or any(_landed(sync, lease, effect.job_id) for effect in read.effects):
            raise FatalError(
                f"{sync.target}: the read of {read.read_at.isoformat()} is in raw already; run its load, or reload the "
                "table once that is done"
            )
        lease.write(lambda head: heads.void(head, reason))
        lease.write(heads.unblock)
        return read


def _landed(sync: Sync, lease: Lease, job_id: str) -> bool:
    """Whether a job has run or may still: takes the id of one that nobody knows of."""
    read = lease.head.open
    effect = next(effect for effect in (read.effects if read else ()) if effect.job_id == job_id)
    if effect.state is not EffectState.INTENDED:
        return effect.state is EffectState.DONE and effect.step == jobs.LOAD
    found = sync.ports.warehouse.occupy(jobs.recorded(effect))
    if found.occupied:
        state = EffectState.OCCUPIED
    elif found.error:
        state = EffectState.FAILED
    else:
        return True
    lease.write(lambda head: heads.conclude(head, effect.concluded(state, error=found.error)))
    return False
