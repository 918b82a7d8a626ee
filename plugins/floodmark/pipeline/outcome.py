"""What a step reports: small, plain, and fit for XCom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Reconciled
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.watermark import Basis
from floodmark.core.time.interval import Interval


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Where a table stands after a step. Moments are ISO texts in UTC, empty where there is none.

    ``watermark`` and ``basis`` are what the step's read proves. ``sealed_up_to`` is T of the promise, of the table as
    it stands, on ``sealed_basis``; a table without a cursor is ``as_of`` its last whole read. ``held_by`` names who
    holds back some of what was read.
    """

    table: str
    target: str
    read_at: str = ""
    state: str = ""
    rows: int = 0
    bytes: int = 0
    """Of the files that it staged."""
    watermark: str = ""
    basis: str = ""
    held_by: str = ""
    sealed_up_to: str = ""
    sealed_basis: str = ""
    as_of: str = ""
    late: int = 0
    quarantined: int = 0
    """Rows that were held out (R31)."""
    unheld: dict[str, int] = field(default_factory=dict)
    """Values, by column, that are NULL in the target and stand as text beside it (R31)."""
    null_cursors: int = 0
    """Rows of the source that lie in no slice (R22)."""
    future_cursors: int = 0
    """Rows of the source whose slice is yet to come (R22)."""
    changed: bool = False
    reconciled: dict[str, Any] | None = None
    """What a reconcile found (``missing``, ``changed``, ``deleted``), what it left (``left``, ``of`` ...)."""

    @property
    def pending(self) -> bool:
        """Whether something is left to load."""
        return self.state in (State.STAGED, State.LOADED)

    @property
    def stands(self) -> str:
        """In words, up to when the table holds what was promised."""
        if self.sealed_up_to:
            return f"sealed up to {self.sealed_up_to} ({self.sealed_basis})"
        return f"as of {self.as_of}" if self.as_of else "nothing sealed yet"

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def outcome(table: TableConfig, head: Head, read: Read | None) -> Outcome:
    """What became of ``read``; of nothing, where nothing was to be read."""
    stands = _stands(table, head)
    if read is None:
        return stands
    manifest = read.manifest or Manifest()
    return replace(
        stands,
        read_at=read.read_at.isoformat(),
        state=read.state.value,
        rows=read.rows,
        bytes=manifest.bytes,
        watermark=read.watermark.isoformat() if read.watermark else "",
        basis=read.basis.value,
        held_by="; ".join(str(transaction) for transaction in coverages.holders(read)[:3]),
        late=read.late,
        quarantined=manifest.quarantined,
        unheld=dict(manifest.tally.unheld),
        null_cursors=manifest.null_cursors,
        future_cursors=manifest.future_cursors,
        changed=read.changed or read.state in (State.STAGED, State.LOADED),
        reconciled=counted(read.reconciled) if read.reconciled else None,
    )


def _stands(table: TableConfig, head: Head) -> Outcome:
    """T of the promise and what it rests on; or the moment of the last whole read."""
    blank = Outcome(table=table.name, target=head.target)
    if not head.coverage:
        whole = coverages.read_whole_at(head.coverage, head.last)
        return replace(blank, as_of=whole.isoformat()) if whole else blank
    sealed = coverages.sealed_up_to(head.coverage, table.start)
    if sealed == table.start:
        return blank
    before = Interval(low=table.start, high=sealed)
    assumed = any(one.meets(before) for one in coverages.sealed(head.coverage, Basis.ASSUMED))
    basis = Basis.ASSUMED if assumed else Basis.PROVED
    return replace(blank, sealed_up_to=sealed.isoformat(), sealed_basis=basis.value)


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """What a reconcile of one table found, and what became of the read that heals it (R25).

    ``skipped`` says why it was not compared. ``examples`` are some keys of each sort, as texts. ``outcome`` is None
    where nothing was to be healed. ``notes`` are for whoever wonders how it came to differ.
    """

    table: str
    target: str
    skipped: str = ""
    found: Reconciled = field(default_factory=Reconciled)
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outcome: Outcome | None = None
    notes: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing differs, as far as it was looked into."""
        return not self.found.differing and self.found.complete

    def document(self) -> dict[str, Any]:
        """As plain values."""
        examples = {sort: list(keys) for sort, keys in self.examples.items() if keys}
        return {**counted(self.found), "examples": examples, "skipped": self.skipped, "notes": list(self.notes)}


def reconciliation(
    table: TableConfig,
    head: Head,
    read: Read | None,
    found: Reconciled | None = None,
    examples: Mapping[str, Sequence[str]] | None = None,
) -> Reconciliation:
    """What was found, and what became of ``read``, the one that heals; None where nothing was to be healed."""
    known = found or (read.reconciled if read else None) or Reconciled()
    became = outcome(table, head, read) if read else None
    return Reconciliation(table=table.name, target=head.target, found=known, examples=examples or {}, outcome=became)


def counted(found: Reconciled) -> dict[str, Any]:
    """What a reconcile found, as plain values."""
    document = asdict(replace(found, buckets=None))
    kept = {name: value for name, value in document.items() if name not in ("buckets", "uncompared")}
    return {**kept, "unlike": list(found.unlike)}
