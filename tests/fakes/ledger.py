"""A ledger in memory. Held to the same contract as the real ones (``tests/contract/test_ledger.py``)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from floodmark.adapters.ledger.documents import document, restore, text
from floodmark.core.ledger.head import Head, fresh
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.swap import check_swap
from floodmark.core.ports import Conflict

__all__ = ["Conflict", "MemoryLedger"]


class MemoryLedger:
    """``before`` and ``after`` are called around every swap with its heads: raise there to play a crash.

    What ``before`` raises leaves the old head, what ``after`` raises the new one.
    """

    def __init__(
        self,
        *,
        before: Callable[[Head, Head], None] = lambda old, new: None,
        after: Callable[[Head, Head], None] = lambda old, new: None,
    ) -> None:
        self.before, self.after = before, after
        self._uuid = uuid4()
        self._heads: dict[str, Head] = {}
        self._closed: dict[str, dict[object, Read]] = {}
        self._lock = threading.Lock()

    @property
    def uuid(self) -> UUID:
        return self._uuid

    def targets(self) -> Sequence[str]:
        return sorted(self._heads)

    def head(self, target: str) -> Head:
        return self._heads.get(target) or fresh(target, self._uuid)

    def heads(self, targets: Sequence[str]) -> Sequence[Head]:
        return [self.head(target) for target in targets]

    def swap(self, old: Head, new: Head, closed: Read | None = None) -> None:
        check_swap(old, new, closed)
        self.before(old, new)
        with self._lock:
            if self.head(old.target).version != old.version:
                raise Conflict(f"{new.target}: the ledger's head is no longer at version {old.version}")
            if closed is not None:
                self._closed.setdefault(new.target, {}).setdefault(closed.read_at, _stored(Read, closed))
            self._heads[new.target] = _stored(Head, new)
        self.after(old, new)

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        found = [read for _, read in sorted(self._closed.get(target, {}).items(), key=lambda item: item[1].read_at)]
        return found if newest is None else found[len(found) - min(newest, len(found)) :]

    def close(self) -> None:
        """Nothing to give back."""


def _stored(kind: Any, value: Any) -> Any:
    """Through JSON and back, so that what no real ledger could store fails here too."""
    return restore(kind, json.loads(text(document(kind, value))), where="memory")
