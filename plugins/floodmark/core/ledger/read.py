"""One reading of a table in one snapshot: what it read, what it proved, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from floodmark.core.ledger.any_portion import AnyPortion
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.effect import Effect
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import (
    FirstPart,
    Kind,
    Part,
    Reconcile,
    Reconciled,
    Slices,
    Span,
    Takeover,
    Whole,
)
from floodmark.core.ledger.snapshot import Leaf, Snapshot
from floodmark.core.ledger.step import Step
from floodmark.core.ledger.watermark import Basis, OpenTransaction, Seen
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval


class State(StrEnum):
    """How far a read has come (R16): ``reading -> staged -> loaded -> applied``, or ``void``."""

    READING = "reading"
    STAGED = "staged"
    LOADED = "loaded"
    APPLIED = "applied"
    VOID = "void"


@dataclass(frozen=True, kw_only=True)
class Added:
    """A column that the source gained, and the read that first carried it (UTC).

    ``filled``: the source's older rows have a value in it, by its default.
    """

    column: str
    read_at: datetime
    filled: bool = False


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A column that the source calls ``new`` by now, and the target is to call ``becomes`` instead of ``column``."""

    old: str
    new: str
    column: str
    becomes: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """One read of one target table. ``read_at`` (UTC, microseconds) grows strictly per target and names it (R15).

    ``key`` tells its rows apart; where the source does not vouch for that (``unique`` False), the merge checks it.
    Under ``append`` it replaces the intervals that it read. ``columns`` say how each value travelled. ``verified`` is
    the level of checksum that was equal at both ends, empty for counts alone (R28). ``partial`` are the columns that
    came since the last whole read: rows older than that have NULL in them (R26). ``fingerprint`` is what decided which
    rows and values it brought; None before Floodmark kept one (R29). ``removed`` columns leave both tables before it is
    loaded. ``retired`` columns stand in the target though nothing of the source fills them: NULL in the rows that it
    brings (R26). ``renamed`` columns are called otherwise in both tables before it is loaded (R32). ``leftovers`` say
    which rows left the source otherwise than one by one since the last whole read: they may be in current still (R32).
    ``exports`` are the attempts to have its source export it, where it does, each with the whole request. ``seen`` is
    what its look saw, for the source's next one.
    Moments are UTC.
    """

    target: str
    read_at: datetime
    token: int
    run_id: str
    portion: AnyPortion
    state: State
    watermark: datetime | None
    basis: Basis = Basis.PROVED
    held_by: tuple[OpenTransaction, ...] = ()
    reasons: tuple[str, ...] = ()
    snapshot: Snapshot = field(default_factory=Snapshot)
    leaves: tuple[Leaf, ...] = ()
    key: tuple[str, ...] = ()
    unique: bool = True
    append: bool = False
    columns: tuple[Carried, ...] = ()
    query: str = ""
    manifest: Manifest | None = None
    late: int = 0
    changed: bool = False
    target_stamp: str = ""
    verified: str = ""
    partial: tuple[Added, ...] = ()
    fingerprint: Fingerprint | None = None
    removed: tuple[str, ...] = ()
    retired: tuple[Carried, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    leftovers: tuple[str, ...] = ()
    error: str = ""
    began_at: datetime | None = None
    staged_at: datetime | None = None
    applied_at: datetime | None = None
    effects: tuple[Effect, ...] = ()
    exports: tuple[Effect, ...] = ()
    seen: Seen | None = None

    @property
    def kind(self) -> Kind:
        """Why the table is read."""
        return self.portion.kind

    @property
    def spans(self) -> tuple[Span, ...]:
        """The intervals that it reads, or that it covers."""
        return () if isinstance(self.portion, Reconcile | Built) else self.portion.spans

    @property
    def prefetched(self) -> tuple[Interval, ...]:
        """Slices that it read before the runs of a backfill that will ask for them."""
        return self.portion.prefetched if isinstance(self.portion, Slices) else ()

    @property
    def part(self) -> Part | None:
        """The part of a first load that it is."""
        return self.portion.part if isinstance(self.portion, FirstPart) else None

    @property
    def reconciled(self) -> Reconciled | None:
        """What a reconcile found, where it heals that (R25)."""
        return self.portion.reconciled if isinstance(self.portion, Reconcile) else None

    @property
    def remade(self) -> bool:
        """Whether both target tables are dropped and made again for it."""
        return isinstance(self.portion, Whole) and self.portion.remade

    @property
    def takeover(self) -> Takeover | None:
        """The table from which its rows come, where not from the source."""
        return self.portion.takeover if isinstance(self.portion, Whole) else None

    @property
    def arrives(self) -> Step:
        """The step by which its rows come to stand in BigQuery, beside what people query."""
        return Step.BUILD if self.built else Step.LOAD

    @property
    def built(self) -> bool:
        """Whether a query of BigQuery's makes its rows, so that nothing is staged."""
        return isinstance(self.portion, Built)

    @property
    def rows(self) -> int:
        """Rows staged; 0 before that."""
        return self.manifest.rows if self.manifest else 0

    @property
    def key_columns(self) -> tuple[Carried, ...]:
        """How the key's columns travelled, in the key's order."""
        carried = {column.name: column for column in self.columns}
        return tuple(carried[name] for name in self.key)

    def attempts(self, step: str) -> tuple[Effect, ...]:
        """The effects of one step, in order of attempt."""
        return tuple(effect for effect in self.effects if effect.step == step)

    def undurable(self) -> Read:
        """The same read where what was seen can't be shown to be on disk (R3): nothing is proved.

        After a crash its transactions' ids are used again, so they are no base either.
        """
        reasons = (*self.reasons, "what was seen was not yet durable")
        snapshot = replace(self.snapshot, base=None, durable=False)
        return replace(self, watermark=None, held_by=(), reasons=reasons, snapshot=snapshot)
