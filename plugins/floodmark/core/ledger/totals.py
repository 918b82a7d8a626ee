"""What a table's applied reads come to, kept in its head: who asks where it stands needs no read. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.read import Read
from floodmark.core.unheld import counted

RELOADED = "reloaded: "
"""Begins the reason of a read that takes a table whole because the source made that necessary (R29)."""
RELOADS = 8
"""So many of these are remembered."""

ByColumn = tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Reloaded:
    """A reload that the source made necessary, and why. ``read_at`` is UTC."""

    read_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The sums over a table's applied reads, since its ledger keeps them (layout 3). Moments are UTC.

    ``late`` rows turned up in sealed slices, the last of them in the read of ``late_at``. ``quarantined`` rows were
    held out, by column ``held_out``, and ``unheld`` values encoded by the last whole read and those after it (R31): a
    row that was read twice counts twice. ``null_cursors`` and ``future_cursors`` are what the newest read of the source
    saw (R22). ``reasons`` are those of the newest read that could prove anything, ``reloads`` the newest few that the
    source made necessary.
    """

    reads: int = 0
    late: int = 0
    late_at: datetime | None = None
    quarantined: int = 0
    held_out: ByColumn = ()
    unheld: ByColumn = ()
    null_cursors: int = 0
    future_cursors: int = 0
    reasons: tuple[str, ...] = ()
    reloads: tuple[Reloaded, ...] = ()


NO_TOTALS = Totals()


def totals_after(before: Totals, read: Read) -> Totals:
    """The sums once ``read`` is applied."""
    since = replace(before, quarantined=0, held_out=(), unheld=()) if read.portion.replaces else before
    reloads = (Reloaded(read_at=read.read_at, reason=one) for one in read.reasons if one.startswith(RELOADED))
    after = replace(
        _with_bad_values(since, read.manifest) if read.manifest else since,
        reads=before.reads + 1,
        late=before.late + read.late,
        late_at=read.read_at if read.late else before.late_at,
        reloads=(*before.reloads, *reloads)[-RELOADS:],
    )
    if read.reconciled is not None:
        return after
    counted_in = read.manifest or before
    return replace(
        after, reasons=read.reasons,
        null_cursors=counted_in.null_cursors, future_cursors=counted_in.future_cursors,
    )  # fmt: skip


def _with_bad_values(before: Totals, manifest: Manifest) -> Totals:
    return replace(
        before,
        quarantined=before.quarantined + manifest.quarantined,
        held_out=_by_column((before.held_out, manifest.tally.held_out)),
        unheld=_by_column((before.unheld, manifest.tally.unheld)),
    )


def _by_column(counts: Iterable[ByColumn]) -> ByColumn:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(dict(one))
    return counted(total)
