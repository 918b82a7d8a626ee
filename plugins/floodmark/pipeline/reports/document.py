"""Where tables stand, as plain values: what ``status --json`` prints, and what each run leaves in the bucket."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from floodmark.core.ledger.forgotten import Forgotten
from floodmark.core.time.interval import Interval
from floodmark.pipeline.reports.status import TableStatus


def interval_document(interval: Interval) -> list[str]:
    """``[low, high]`` as ISO texts."""
    return [interval.low.isoformat(), interval.high.isoformat()]


def _forgotten_document(forgotten: Forgotten) -> dict[str, Any]:
    """Without salt and digests: they are nobody's business but the ledger's."""
    return {
        "keys": len(forgotten.digests),
        "acts": [asdict(act) for act in forgotten.acts],
        "returned": forgotten.returned,
        "returned_at": forgotten.returned_at,
    }


def document(table: TableStatus) -> dict[str, Any]:
    """One table. Moments stay moments."""
    return {
        "table": table.table,
        "target": table.target,
        "well": table.well,
        "sealed_up_to": table.sealed_up_to,
        "assumed": [interval_document(one) for one in table.assumed],
        "provisional": [interval_document(one) for one in table.provisional],
        "held_by": [
            {"pid": one.pid, "application": one.application, "user": one.user, "since": one.since}
            for one in table.held_by
        ],
        "reasons": list(table.reasons),
        "gaps": [interval_document(one) for one in table.gaps],
        "behind": interval_document(table.behind) if table.behind else None,
        "partial": [{"column": one.column, "since": one.read_at} for one in table.partial],
        "retired": list(table.retired),
        "late": table.late,
        "quarantined": table.quarantined,
        "held_out": dict(table.held_out),
        "unheld": dict(table.unheld),
        "null_cursors": table.null_cursors,
        "future_cursors": table.future_cursors,
        "selects_none": table.selects_none,
        "lag_seconds": table.lag.total_seconds() if table.lag is not None else None,
        "stale": table.stale,
        "rows": table.rows,
        "last_read_at": table.last_read_at,
        "reconciled_at": table.reconciled_at,
        "balance": list(table.balance),
        "forgotten": _forgotten_document(table.forgotten),
        "history": table.history or None,
        "open": table.under_way,
        "first_load": table.first_load,
        "error": table.error,
        "lease": {"holder": table.holder, "renewed_at": table.renewed_at} if table.holder else None,
    }
