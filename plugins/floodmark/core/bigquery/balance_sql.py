"""What BigQuery is asked of current for the balance (R36)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.time.interval import Interval


def count(table: str) -> str:
    """Counts a table's ``rows``. Bills nothing: without a filter it reads no bytes."""
    return statement("count.sql", {"table": table})


def extent(table: str, start: datetime, sealed: Sequence[Interval]) -> str:
    """Counts current's ``rows``: the ``early``, the ``timeless`` and the ``sealed`` ones. Bills its cursor column."""
    return statement("balance_extent.sql", {"table": table, "start": start, "sealed": tuple(sealed)})
