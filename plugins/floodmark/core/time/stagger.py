"""When a table begins within ``stagger``: by its name, so that tables of one cadence don't all begin at once."""

from __future__ import annotations

import hashlib
from datetime import timedelta


def delay(name: str, stagger: timedelta) -> timedelta:
    """How long after its slice's end a table begins: whole seconds, less than ``stagger``, always the same.

    By SHA-256 of the name, and not by Python's own hash, which every process has another of.
    """
    seconds = int(stagger.total_seconds())
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    return timedelta(seconds=number % seconds) if seconds else timedelta(0)
