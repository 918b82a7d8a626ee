"""How a read is given up: void before anything of it is in raw, or lost from there (R16, R33)."""

from __future__ import annotations

from dataclasses import replace

from floodmark.core.ledger import closing
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, Unlawful, block, following, opened
from floodmark.core.ledger.portion import Slices
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Step, is_apply
from floodmark.core.time.interval import merge


def lose(head: Head, reason: str) -> tuple[Head, Read]:
    """Give a read up of which raw doesn't hold what was loaded: its slices are due again, by any run (R33).

    Nothing of it may be under way. Where one of several statements has applied a part of it, that stands: each row is
    one that the read saw; but a whole table of which a part was replaced is wrong until all of it is.
    """
    read = opened(head, State.STAGED, State.LOADED)
    _refuse_under_way(head, read)
    slices = closing.taken_whole(read) if isinstance(read.portion, Slices) else ()
    partly = read.portion.renewed and any(one.state is EffectState.DONE for one in read.attempts(Step.APPLY))
    blocked = block(head, reason, wrong=partly)
    return replace(blocked, open=None, due=merge([*head.due, *slices])), replace(read, state=State.VOID, error=reason)


def _refuse_under_way(head: Head, read: Read) -> None:
    for effect in read.effects:
        if effect.state is EffectState.INTENDED:
            raise Unlawful(f"{head.target}: {effect.job_id} may still run; occupy its id before voiding the read")


def void(head: Head, reason: str, *, loaded: bool = False) -> tuple[Head, Read]:
    """Give a read up: from ``reading`` by any holder, from ``staged`` once no job of it can run any more (R16).

    ``loaded``, by a person's command only: also one that is in raw, if nothing of it is applied.
    """
    read = opened(head, State.READING, State.STAGED, *([State.LOADED] if loaded else []))
    _refuse_under_way(head, read)
    for effect in read.effects:
        if effect.state is EffectState.DONE and is_apply(effect.step):
            raise Unlawful(f"{head.target}: {effect.job_id} has applied the read; it can't be void any more")
        if effect.state is EffectState.DONE and effect.step in (Step.LOAD, Step.TAKE_OVER) and not loaded:
            raise Unlawful(f"{head.target}: {effect.job_id} has loaded the read; it can't be void any more")
    return following(head, open=None), replace(read, state=State.VOID, error=reason)
