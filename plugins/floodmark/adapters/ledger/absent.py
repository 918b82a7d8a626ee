"""The ledger that is not there yet, for a look at what a first run would do. Nothing can be written to it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from floodmark.core.ledger.head import Head, fresh
from floodmark.core.ledger.read import Read
from floodmark.errors import LedgerMissing


class AbsentLedger:
    """Every target is one that it has never seen. Raises ``LedgerMissing`` for whatever would write."""

    uuid = UUID(int=0)

    def __init__(self, place: str) -> None:
        self._place = place

    def __str__(self) -> str:
        """Where it would be."""
        return f"{self._place} (none there yet; the first run makes it)"

    def targets(self) -> Sequence[str]:
        """None."""
        return ()

    def head(self, target: str) -> Head:
        """A fresh one."""
        return fresh(target, self.uuid)

    def heads(self, targets: Sequence[str]) -> Sequence[Head]:
        """Fresh ones."""
        return [self.head(target) for target in targets]

    def swap(self, old: Head, new: Head, closed: Read | None = None) -> None:
        """Refused."""
        raise LedgerMissing(self._place)

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        """None."""
        return ()

    def close(self) -> None:
        """There is nothing to give back."""
