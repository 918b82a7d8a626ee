"""Heads, reads and effects as rows of the ledger's tables, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from floodmark.adapters.ledger.documents import document, plain, restore
from floodmark.core.ledger.balance import Balance
from floodmark.core.ledger.coverage import Coverage
from floodmark.core.ledger.effect import Effect
from floodmark.core.ledger.forgotten import Forgotten
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.requested import Prefetched
from floodmark.core.ledger.spending import Spending
from floodmark.core.ledger.totals import Totals
from floodmark.core.ledger.versions import Versions
from floodmark.core.time.interval import Interval

Row = Mapping[str, Any]

_SCALARS = (
    "target", "read_at", "token", "run_id", "watermark", "query", "late", "changed", "error",
    "began_at", "staged_at", "applied_at",
)  # fmt: skip
_ENUMS = ("state", "basis")
_REST = tuple(f.name for f in fields(Read) if f.name not in {*_SCALARS, *_ENUMS, "effects"})
"""What of a read lies in its JSON document."""

_EFFECT = tuple(f.name for f in fields(Effect))


def head_row(head: Head, old: Head | None) -> dict[str, Any]:
    """The columns to write where ``old`` is stored, all of them where nothing is.

    Coverage is by far the longest and changes once per read, so it is left out where it is the same.
    """
    row: dict[str, Any] = {
        "target_uuid": str(head.uuid),
        "version": head.version,
        "token": head.token,
        "holder": head.holder,
        "renewed_at": head.renewed_at,
        "last_read_at": head.last_read_at,
        "reconciled_at": head.reconciled_at,
        "target_rows": head.target_rows,
        "balance": document(Balance, head.balance),
        "spending": document(Spending, head.spending),
        "forgotten": document(Forgotten, head.forgotten),
        "versions": document(Versions, head.versions),
        "totals": document(Totals, head.totals),
        "prefetched": document(tuple[Prefetched, ...], head.prefetched),
        "due": document(tuple[Interval, ...], head.due),
        "open_read": head.open.read_at if head.open else None,
        "error": head.error,
    }
    if old is None or head.last != old.last:
        row["last"] = document(Read, head.last) if head.last else None
    if old is None or head.coverage != old.coverage:
        row["coverage"] = document(Coverage, head.coverage)
    return row


def head_of(row: Row, opened: Read | None) -> Head:
    """The head that a row and its open read make."""
    where = f"ledger, head of {row['target']}"
    return Head(
        target=row["target"],
        uuid=UUID(row["target_uuid"]),
        version=row["version"],
        token=row["token"],
        holder=row["holder"],
        renewed_at=row["renewed_at"],
        last_read_at=row["last_read_at"],
        open=opened,
        last=restore(Read, row["last"], where=f"{where}, last") if row["last"] is not None else None,
        coverage=restore(Coverage, row["coverage"], where=f"{where}, coverage"),
        prefetched=restore(tuple[Prefetched, ...], row["prefetched"], where=f"{where}, prefetched"),
        due=restore(tuple[Interval, ...], row["due"], where=f"{where}, due"),
        reconciled_at=row["reconciled_at"],
        target_rows=row["target_rows"],
        balance=restore(Balance, row["balance"], where=f"{where}, balance"),
        spending=restore(Spending, row["spending"], where=f"{where}, spending"),
        forgotten=restore(Forgotten, row["forgotten"], where=f"{where}, forgotten"),
        versions=restore(Versions, row["versions"], where=f"{where}, versions"),
        totals=restore(Totals, row["totals"], where=f"{where}, totals"),
        error=row["error"],
    )


def read_row(read: Read) -> dict[str, Any]:
    """A read's row; its effects have rows of their own.

    ``kind``, ``rows``, ``bytes``, ``quarantined`` and ``snapshot_xmin`` repeat the document, for those who query.
    """
    nested = document(Read, read)
    return {
        **{name: getattr(read, name) for name in _SCALARS},
        **{name: nested[name] for name in _ENUMS},
        "kind": read.kind.value,
        "rows": read.rows,
        "bytes": read.manifest.bytes if read.manifest else 0,
        "quarantined": read.manifest.quarantined if read.manifest else 0,
        "snapshot_xmin": read.snapshot.base,
        "document": {name: nested[name] for name in _REST},
    }


def read_of(row: Row, effects: Iterable[Row]) -> Read:
    """The read that its row and those of its effects make."""
    ordered = sorted(effects, key=lambda effect: int(effect["position"]))
    document = {
        **row["document"],
        **{name: row[name] for name in (*_SCALARS, *_ENUMS)},
        "effects": [{name: effect[name] for name in _EFFECT} for effect in ordered],
    }
    read: Read = restore(Read, document, where=f"ledger, read {row['read_at'].isoformat()} of {row['target']}")
    return read


def effect_row(read: Read, position: int, effect: Effect) -> dict[str, Any]:
    """An effect's row. ``position`` keeps the order in which they were intended."""
    where = f"{read.target}: {effect.job_id}"
    row = {name: getattr(effect, name) for name in _EFFECT}
    return row | {
        "target": read.target,
        "read_at": read.read_at,
        "position": position,
        "state": effect.state.value,
        "configuration": plain(effect.configuration, where=f"{where}: configuration"),
        "statistics": plain(effect.statistics, where=f"{where}: statistics"),
    }
