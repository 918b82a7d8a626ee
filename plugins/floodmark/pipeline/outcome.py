"""What a step reports: small, plain, and fit for XCom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, Reconciled, State


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a table stands after a step. Moments are ISO texts in UTC; ``watermark`` is empty where nothing is
    proved."""

    table: str
    target: str
    read_at: str = ""
    state: str = ""
    rows: int = 0
    watermark: str = ""
    basis: str = ""
    held_by: str = ""
    late: int = 0
    quarantined: int = 0
    changed: bool = False
    reconciled: dict[str, Any] | None = None
    """What a reconcile found (``missing``, ``changed``, ``deleted``), what it left (``left``, ``of`` ...)."""

    @property
    def pending(self) -> bool:
        """Whether something is left to load."""
        return self.state in (State.STAGED, State.LOADED)

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def outcome(table: str, head: Head, read: Read | None) -> Outcome:
    """What became of ``read``; of nothing, where nothing was to be read."""
    if read is None:
        return Outcome(table=table, target=head.target)
    return Outcome(
        table=table,
        target=head.target,
        read_at=read.read_at.isoformat(),
        state=read.state.value,
        rows=read.rows,
        watermark=read.watermark.isoformat() if read.watermark else "",
        basis=read.basis.value,
        held_by="; ".join(str(transaction) for transaction in read.held_by[:3]),
        late=read.late,
        quarantined=read.manifest.quarantined if read.manifest else 0,
        changed=read.changed or read.state in (State.STAGED, State.LOADED),
        reconciled=counted(read.reconciled) if read.reconciled else None,
    )


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What a reconcile of one table found, and what became of the read that heals it (R25).

    ``skipped`` says why it was not compared. ``examples`` are some keys of each sort, as texts. ``outcome`` is None
    where nothing was to be healed.
    """

    table: str
    target: str
    skipped: str = ""
    found: Reconciled = field(default_factory=Reconciled)
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outcome: Outcome | None = None

    @property
    def well(self) -> bool:
        """Whether nothing differs, as far as it was looked into."""
        return not self.found.differing and self.found.complete

    def document(self) -> dict[str, Any]:
        """As plain values."""
        examples = {sort: list(keys) for sort, keys in self.examples.items() if keys}
        return {**counted(self.found), "examples": examples, "skipped": self.skipped}


def reconciliation(
    table: str,
    head: Head,
    read: Read | None,
    found: Reconciled | None = None,
    examples: Mapping[str, Sequence[str]] | None = None,
) -> Reconciliation:
    """What was found, and what became of ``read``, the one that heals; None where nothing was to be healed."""
    known = found or (read.reconciled if read else None) or Reconciled()
    became = outcome(table, head, read) if read else None
    return Reconciliation(table=table, target=head.target, found=known, examples=examples or {}, outcome=became)


def counted(found: Reconciled) -> dict[str, Any]:
    """What a reconcile found, as plain values."""
    document = asdict(replace(found, buckets=None))
    document.pop("buckets")
    return {**document, "uncompared": list(found.uncompared)}
