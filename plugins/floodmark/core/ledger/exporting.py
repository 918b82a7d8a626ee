"""A read whose source exports it, while it is still ``reading``: each attempt is written down before it is begun (R17).

An export outlives whoever asked for it. So its read is not void where its step ended: whoever takes the lease next goes
on with it, unless it failed. What it proves rests on the look that the read began with, and on its own evidence.
"""

from __future__ import annotations

from dataclasses import replace

from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.head import Head, Unlawful, following, opened
from floodmark.core.ledger.read import Read, State
from floodmark.errors import LeaseLost


def goes_on(read: Read) -> bool:
    """Whether an export of it may be under way, or done and not yet staged."""
    return read.state is State.READING and bool(read.exports) and read.exports[-1].state is not EffectState.FAILED


def intend(head: Head, effect: Effect) -> Head:
    """Write an attempt down, with its whole request; one at a time, each with a name of its own."""
    read = _own(head)
    if effect.state is not EffectState.INTENDED or effect.job_id in {one.job_id for one in read.exports}:
        raise Unlawful(f"{head.target}: {effect.job_id} ({effect.state.value}) is no new intent")
    if goes_on(read) or effect.attempt != len(read.exports) + 1:
        raise Unlawful(f"{head.target}: attempt {effect.attempt} to export it after {len(read.exports)} others")
    return following(head, open=replace(read, exports=(*read.exports, effect)))


def conclude(head: Head, effect: Effect) -> Head:
    """What became of the attempt under way."""
    read = _own(head)
    last = read.exports[-1] if read.exports else None
    if last is None or last.job_id != effect.job_id or last.state is not EffectState.INTENDED:
        raise Unlawful(f"{head.target}: {effect.job_id} is not the export that is under way")
    return following(head, open=replace(read, exports=(*read.exports[:-1], effect)))


def disbelieve(head: Head, error: str) -> Head:
    """What was exported proved nothing: it failed, though its operation did not."""
    read = _own(head)
    if not read.exports:
        raise Unlawful(f"{head.target}: there is no export that could be disbelieved")
    failed = read.exports[-1].concluded(EffectState.FAILED, error=error)
    return following(head, open=replace(read, exports=(*read.exports[:-1], failed)))


def take_over(head: Head) -> Head:
    """Whoever holds the lease now goes on with the read: it alone may stage it from here on (R16)."""
    read = opened(head, State.READING)
    if not goes_on(read) or not head.holder:
        raise Unlawful(f"{head.target}: there is no export to go on with, or nobody holds the lease")
    return following(head, open=replace(read, token=head.token))


def _own(head: Head) -> Read:
    read = opened(head, State.READING)
    if read.token != head.token:
        raise LeaseLost(f"{head.target}: the read was begun under token {read.token}, the lease is at {head.token}")
    return read
