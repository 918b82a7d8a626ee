"""What becomes of a head while the rows of some keys are taken out of its target for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from floodmark.core.ledger.forgotten import Act, Forgotten
from floodmark.core.ledger.head import Head, Unlawful, following


def uncounted(head: Head) -> Head:
    """Current is about to change otherwise than by a read: how many rows it holds, and which, is not known (R36)."""
    _require_idle(head)
    content = head.balance.content
    unknown = replace(content, at=None, total=None) if content else None
    return following(head, target_rows=None, balance=replace(head.balance, content=unknown))


def forget(head: Head, act: Act, salt: str, digests: Sequence[str], rows: int) -> Head:
    """Rows of some keys were taken out, and current holds ``rows`` now."""
    _require_idle(head)
    before = head.forgotten
    known = tuple(dict.fromkeys((*before.digests, *digests)))
    forgotten, content = Forgotten(salt=salt, digests=known, acts=(*before.acts, act)), head.balance.content
    less = replace(content, forgotten=content.forgotten + act.current) if content else None
    return following(head, forgotten=forgotten, target_rows=rows, balance=replace(head.balance, content=less))


def returned(head: Head, rows: int, read_at: datetime) -> Head:
    """A read brought ``rows`` of keys that were forgotten; a step that comes again counts it once."""
    before = head.forgotten
    if before.returned_at == read_at:
        return following(head)
    return following(head, forgotten=replace(before, returned=before.returned + rows, returned_at=read_at))


def _require_idle(head: Head) -> None:
    if head.open is not None or not head.holder:
        busy_with = f"a read of {head.open.read_at.isoformat()} is open" if head.open else "nobody holds the lease"
        raise Unlawful(f"{head.target}: rows can't be taken out: {busy_with}")
