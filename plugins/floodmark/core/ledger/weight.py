"""How long a table's next read will take, judged by its last one. Pure."""

from __future__ import annotations

from math import inf

from floodmark.core.ledger.head import Head


def weight(head: Head) -> float:
    """Seconds from the begin of the last read until it was applied; infinite for a table that was never read."""
    last = head.last
    if last is None:
        return inf
    if last.began_at is None or last.applied_at is None:
        return 0.0
    return (last.applied_at - last.began_at).total_seconds()
