"""This machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """UTC. For the record, and for when to look; what is read is decided by the database's own clock (R4)."""
    return datetime.now(UTC)
