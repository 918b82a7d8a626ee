"""What every ledger refuses to store, whatever a caller hands it (R14, R17)."""

from __future__ import annotations

from floodmark.core.ledger.head import CLOSED, Head, Unlawful
from floodmark.core.ledger.read import Read


def check_swap(old: Head, new: Head, closed: Read | None) -> None:
    """What every ledger refuses to store: a version that stands still, an open read that gets lost or is closed."""
    if new.target != old.target or new.version <= old.version:
        raise Unlawful(f"{new.target}: version {new.version} doesn't come after {old.version} of {old.target}")
    if new.open and (new.open.target != new.target or new.open.state in CLOSED):
        raise Unlawful(f"{new.target}: {new.open.read_at.isoformat()} ({new.open.state.value}) can't be its open read")
    if closed and (closed.target != new.target or closed.state not in CLOSED):
        raise Unlawful(f"{new.target}: {closed.read_at.isoformat()} ({closed.state.value}) is not closed")
    if old.open is None:
        return
    kept = next((read for read in (new.open, closed) if read and read.read_at == old.open.read_at), None)
    if kept is None:
        moment = old.open.read_at.isoformat()
        raise Unlawful(f"{new.target}: the open read of {moment} would get lost; close it with the swap")
    if [one.job_id for one in kept.effects[: len(old.open.effects)]] != [one.job_id for one in old.open.effects]:
        raise Unlawful(f"{new.target}: an intent of {kept.read_at.isoformat()} would get lost, and its job may run")
