"""What BigQuery is asked of current for the balance (R36)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.time.interval import Interval, utc


def count(table: str) -> str:
    """Counts a table's ``rows``. Bills nothing: without a filter it reads no bytes."""
    return statement("count.sql", {"table": table})


def extent(
    table: str, start: datetime, sealed: Sequence[Interval], *, last: datetime, soft: str = "", boolean: bool = False,
    flagged: bool = True,
) -> str:  # fmt: skip
    """Counts current's ``rows``: the ``early``, the ``timeless`` and the ``sealed`` ones.

    And those that no merge leaves so: ``untimely`` ones, of no read up to the ``last`` (UTC); and, where rows that are
    marked by the column ``soft`` (a ``boolean``?) are flagged, the ``misflagged``: all, where the flag's column isn't
    there (``flagged``). Bills its cursor, the time of the read, and, for the flags, these two columns.
    """
    values = {"table": table, "start": start, "sealed": tuple(sealed)}
    flags = {"soft": soft, "soft_boolean": boolean, "flagged": flagged}
    return statement("balance_extent.sql", {**values, "last": utc(last), **flags})
