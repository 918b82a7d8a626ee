"""A ledger from its address."""

from __future__ import annotations

from typing import Any

from floodmark.core.ports import Ledger
from floodmark.errors import LedgerUnusable


def open_ledger(place: str, *, storage: Any = None, create: bool = True) -> Ledger:
    """The ledger at ``sqlite:///path``, ``postgresql+psycopg2://...`` or ``gs://bucket/prefix``.

    Where it is missing it is made, or, without ``create``, ``LedgerMissing`` raised, and nothing is made: no folder, no
    file, no table, no object. ``storage`` is a ``google.cloud.storage.Client``, for ``gs://`` only.
    Raises ``LedgerUnusable`` and ``LedgerUnavailable``.
    """
    if not place.startswith("gs://"):
        from floodmark.adapters.ledger.sql import SqlLedger

        return SqlLedger(place, create=create)
    from floodmark.adapters.ledger.gcs import GcsLedger

    bucket, _, prefix = place.removeprefix("gs://").partition("/")
    if not bucket or storage is None:
        raise LedgerUnusable(f"ledger {place}: needs a bucket and a client of Cloud Storage; write gs://bucket/prefix")
    return GcsLedger(storage, bucket, prefix.strip("/"), create=create)
