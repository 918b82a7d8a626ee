"""What is compared: a table of a source and its current table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A source table, its current table, and what the promise says of them.

    ``key`` is empty for append tables, which are compared as multisets. ``cursor`` are the columns of which the first
    that is not null counts; empty for a table that is compared as a whole. ``start`` and ``up_to`` bound what is
    promised, ``[start, up_to)``, UTC. ``deleted`` is the soft-delete column whose rows are removed, ``where``
    the user's predicate. ``columns`` are those that are carried. ``holds_out``: rows with a date or a moment that
    BigQuery can't hold (infinite, before the year 1, after 9999) are not in current.
    """

    name: str
    schema: str
    table: str
    current: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    cursor: tuple[str, ...] = ()
    deleted: str = ""
    where: str = ""
    holds_out: bool = False
    start: datetime | None = None
    up_to: datetime | None = None
