"""How many readers a table is worth that is read whole, where nobody says so (``readers: auto``)."""

from __future__ import annotations

BYTES_EACH = 256 * 2**20
"""Of the table in the source: a reader for less gains less than its connection and its memory cost."""
MOST = 4
"""More of them only where somebody writes so, who knows what the source can bear."""
SHARE = 4
"""A read takes one of so many connections that the source has left."""


def by_size(size: int, cores: int) -> int:
    """Readers for a table of ``size`` bytes, by a worker of so many cores. At least one."""
    return max(1, min(MOST, cores, size // BYTES_EACH))


def of_the_free(connections: int) -> int:
    """Readers where the source has so many connections left. At least one."""
    return max(1, connections // SHARE)
