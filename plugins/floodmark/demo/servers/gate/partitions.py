"""How many partitions a table may have, which have expired, and which moments have none.

From BigQuery's pages "Quotas and limits" (partitioned tables) and "Managing partitioned tables" (expiration).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_PER_TABLE, MOST_PER_JOB = 10_000, 4_000
FIRST, LAST = datetime(1960, 1, 1, tzinfo=UTC), datetime(2160, 1, 1, tzinfo=UTC)
"""What lies before or after has no partition of its own: it is in ``__UNPARTITIONED__``."""

Partitions = Mapping[datetime | None, int]


def own(start: datetime | None) -> bool:
    """Whether there is a partition that begins then; None is the partition of NULL."""
    return start is None or FIRST <= start < LAST


def count(starts: Iterable[datetime | None]) -> int:
    """How many partitions these are."""
    return len({start if own(start) else FIRST - timedelta(days=1) for start in starts})


def too_many(table: str, partitions: Iterable[datetime | None], changed: int, *, what: str) -> str:
    """What BigQuery says to a job after which a table would have these partitions, of which it changes some."""
    if changed > MOST_PER_JOB:
        return f"Too many partitions produced by {what}, allowed {MOST_PER_JOB}, {what} produces at least {changed}"
    if (there := count(partitions)) > MOST_PER_TABLE:
        return f"Too many partitions in table {table}: allowed {MOST_PER_TABLE}, it would have {there}"
    return ""


def expired(partitions: Partitions, resource: Mapping[str, Any], now: datetime) -> list[datetime]:
    """The starts of the partitions that have gone: each does at its start plus the table's expiration."""
    length = (resource.get("timePartitioning") or {}).get("expirationMs")
    if not length:
        return []
    last = now - timedelta(milliseconds=int(length))
    return [start for start in partitions if start is not None and own(start) and start <= last]
