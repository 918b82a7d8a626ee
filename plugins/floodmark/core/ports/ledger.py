"""The record of every read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read


class Conflict(Exception):
    """The stored head is not the one that a change began with: somebody else moved it."""


class Ledger(Protocol):
    """The record of every read. One head per target, changed by compare-and-swap on its version."""

    def __str__(self) -> str:
        """Where it lies, for people: a path or a URI without user, password or options."""

    @property
    def uuid(self) -> UUID:
        """The ledger's own name, made when it was (R19)."""

    def targets(self) -> Sequence[str]:
        """Every target that has a head."""

    def head(self, target: str) -> Head:
        """The stored head; a fresh one, at version 0, where there is none. Nothing is written."""

    def heads(self, targets: Sequence[str]) -> Sequence[Head]:
        """Those of several targets, in their order, each as :meth:`head` gives it, in few requests."""

    def swap(self, old: Head, new: Head, closed: Read | None = None) -> None:
        """Store ``new`` if the stored version is still ``old.version``, and ``closed`` with it, or nothing at all.

        Raises ``Conflict`` otherwise.
        """

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        """Closed reads of a target with their effects, in order of ``read_at``; the newest so many only."""

    def close(self) -> None:
        """Give every connection back."""
