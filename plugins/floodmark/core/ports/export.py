"""A read that its source writes to object storage itself, by an operation that outlives whoever asked for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ports.rows import Rows


class NotBegun(Exception):
    """Nobody knows of an export by this name: its request never arrived. Another attempt has another name (R17)."""


class Exporter(Protocol):
    """How the rows of one reading come, where they are exported. Asked for the whole request before it is sent."""

    @property
    def place(self) -> str:
        """Where operations run; for the ledger and for people."""

    @property
    def offload(self) -> bool:
        """Whether it is of a copy."""

    def request(self, uri: str, query: str) -> dict[str, Any]:
        """The whole request for ``query``, as the ledger keeps it before it is sent (R17)."""

    def carry_out(self, request: Mapping[str, Any], *, sent: bool) -> dict[str, Any]:
        """Send it and wait for its end; or, where it may have been ``sent``, find it. What is known of it at its end.

        Raises ``NotBegun``, ``ExportRunning``, ``SourceUnavailable``, ``SourceRefused``.
        """

    def rows(
        self,
        request: Mapping[str, Any],
        look: Snapshot,
        spans: Sequence[Span] | None,
        read_at: datetime,
        part: Part | None = None,
    ) -> Rows:
        """What it brought, believed only where it proves to come after ``look``, the read's own snapshot.

        Raises ``SourceUnavailable``, ``SourceRefused``, at the first row or at the last.
        """
