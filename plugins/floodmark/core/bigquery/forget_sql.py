"""What BigQuery is told to forget. No statement and no parameter holds a key: rows are found by salted digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.ledger.forgotten import DIGITS
from floodmark.core.schema import Carried

Bound = tuple[str, dict[str, str]]
"""A statement and its parameters."""


def standing(table: str, key: Sequence[Carried], salt: str, digests: Sequence[str], read_at: datetime | None) -> Bound:
    """Counts a table's ``rows`` by ``digest``; of one read in raw, where that is named. Bills the key's columns."""
    return _bound(table, key, salt, digests, delete=False, read_at=read_at)


def delete(table: str, key: Sequence[Carried], salt: str, digests: Sequence[str]) -> Bound:
    """Takes these rows out. Bills the key's columns, and the partitions that hold such rows whole."""
    return _bound(table, key, salt, digests, delete=True, read_at=None)


def converted(key: Sequence[Carried]) -> tuple[Carried, ...]:
    """The key's columns as they stand in current: nothing is left to convert."""
    return tuple(replace(column, convert="{col}") for column in key)


def _bound(
    table: str, key: Sequence[Carried], salt: str, digests: Sequence[str], *, delete: bool, read_at: datetime | None
) -> Bound:
    values = {"table": table, "key": tuple(key), "digits": DIGITS, "delete": delete, "read_at": read_at}
    return statement("forget.sql", values), {"salt": salt, "digests": ",".join(digests)}
