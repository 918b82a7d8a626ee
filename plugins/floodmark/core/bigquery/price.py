"""What BigQuery asks for bytes, on demand (its page "Pricing": "On-demand compute pricing")."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from floodmark.core.config.limits import BILLED_AT_LEAST

PRICE_PER_TIB = 6.25
"""US dollars per TiB, in the multi-regions: https://cloud.google.com/bigquery/pricing#on_demand_pricing."""
TIB = 2**40
MONTH = timedelta(days=365.25 / 12)
ALLOW_MORE = "allow more in bigquery: max_bytes_billed, or name partition_by, so that less of the table is read"
"""What to do where a statement would bill more than one job may."""


def price(billed: float, per_tib: float = PRICE_PER_TIB) -> float:
    """What so many bytes cost, in the currency of the price per TiB."""
    return billed / TIB * per_tib


def billed(processed: int, tables: int = 1) -> int:
    """The bytes billed for a statement that processes so many and names so many tables."""
    return max(processed, BILLED_AT_LEAST * tables)


_SIZES = {"BOOL": 1, "NUMERIC": 16, "BIGNUMERIC": 32, "STRING": 32, "BYTES": 32, "JSON": 64}
_OURS = 16


def row_bytes(types: Iterable[str]) -> int:
    """About the bytes of a row of these types, with our own two moments (page "Pricing": "Data size calculation").

    A text counts 32: only the rows themselves would tell.
    """
    return _OURS + sum(64 if one.startswith("ARRAY") else _SIZES.get(one.partition("(")[0], 8) for one in types)
