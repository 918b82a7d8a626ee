"""One reading of a table in one snapshot: what it read, what it proved, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from floodmark.core.checksum import Checksum
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.ledger.watermark import Basis, OpenTransaction
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval
from floodmark.core.unheld import Tally


class Kind(StrEnum):
    """Why a table is read."""

    SLICE = "slice"
    """Some intervals of the cursor."""
    REFRESH = "refresh"
    """The whole of a table that has no cursor, on schedule."""
    RELOAD = "reload"
    """The whole of any table, on demand."""
    FIRST = "first"
    """The whole of a table that is new (R24)."""
    FIRST_PART = "first_part"
    """A part of a table that is new and large (R24)."""
    RECONCILE = "reconcile"
    """The keys that differed between source and target (R25)."""


class State(StrEnum):
    """How far a read has come (R16): ``reading -> staged -> loaded -> applied``, or ``void``."""

    READING = "reading"
    STAGED = "staged"
    LOADED = "loaded"
    APPLIED = "applied"
    VOID = "void"


class EffectState(StrEnum):
    """What is known of a job (R17)."""

    INTENDED = "intended"
    DONE = "done"
    FAILED = "failed"
    OCCUPIED = "occupied"


@dataclass(frozen=True, kw_only=True)
class Span:
    """An interval to read: whole, or (with a ``base``) only rows written by a transaction not below it (R10).

    ``recheck`` marks a slice that was sealed before: what is new in it is late (R12). With ``leaves`` (ids) only rows
    of these physical tables are read, and nothing more is known of the interval than before (R11).
    ``fresh`` is how many of its rows were written since, where that was counted (R21): 0 means that there is nothing
    to read, and that what was read before stands.
    """

    interval: Interval
    base: int | None = None
    recheck: bool = False
    leaves: tuple[int, ...] = ()
    fresh: int | None = None


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A physical table that a read touched: rows may arrive with a whole one (R11). ``id`` is the source's own.

    ``storage`` is the source's id of where its rows lie: another one means that they were rewritten, or emptied (R32).
    """

    id: int
    kind: str
    access_method: str = ""
    name: str = ""
    storage: str = ""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Where in the source's history a read stands.

    ``base`` is the id that no transaction in progress at the snapshot, and no later one, lies below (R10); None where
    the source has no such thing. ``server`` names the database server as a look does; empty where it is unknown.
    ``durable`` False: what it saw was not known to be on disk when the read ended (R3).
    ``place`` is the source's own account of where it stood: its adapter writes it, and it alone reads it again, to say
    what of the snapshot still holds (:meth:`~floodmark.core.ports.Source.history`). A key that is not there is unknown.
    """

    base: int | None = None
    server: str = ""
    durable: bool = True
    place: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class History:
    """What an earlier snapshot still proves, now that a later one was taken.

    ``voided`` says why rows that it saw may not exist any more, so that the whole table is to be read and replaced;
    empty where all that it saw stands (R3, R10). ``bases`` False: ids of transactions can't be compared across the two,
    so what was read since is told by no base.
    """

    voided: str = ""
    bases: bool = True


@dataclass(frozen=True, kw_only=True)
class StagedObject:
    """One file in object storage, written once: ``generation`` and ``crc32c`` (base64) name these very bytes."""

    uri: str
    generation: int
    crc32c: str
    rows: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a read staged. ``rows`` is the sum over ``objects``; ``uri`` is that of the manifest's own object.

    ``partitions`` are the values of the partitioning column that the rows have, as ISO dates, hours, months or years
    (None for NULL); empty where the target has no such column. ``digest`` is the SHA-256 of the rows in the order
    read, without Floodmark's own columns: equal digests prove equal tables, unequal ones nothing (R23). A slice has
    none.
    ``quarantine_uri`` is the object that holds the ``quarantined`` rows, empty where there are none (R27); ``tally``
    says of which columns, and what else did not travel as it is (R31). ``null_cursors`` and ``future_cursors`` are the
    source's rows that no slice can hold, and those whose slice is yet to come, at the read's snapshot (R22).
    ``checksum`` is what the rows come to, where ``verify`` asked for it (R28). ``format`` is that of the objects.
    """

    uri: str = ""
    format: str = "parquet"
    objects: tuple[StagedObject, ...] = ()
    rows: int = 0
    bytes: int = 0
    digest: str = ""
    partitions: tuple[str | None, ...] = ()
    quarantined: int = 0
    quarantine_uri: str = ""
    null_cursors: int = 0
    future_cursors: int = 0
    checksum: Checksum | None = None
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One job, recorded whole before it is submitted, so that any holder may submit it again (R17).

    ``step`` is a :class:`~floodmark.core.ledger.step.Step`, or a numbered one.
    """

    step: str
    attempt: int
    job_id: str
    location: str
    configuration: dict[str, Any]
    digest: str
    state: EffectState = EffectState.INTENDED
    statistics: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def concluded(self, state: EffectState, *, statistics: dict[str, Any] | None = None, error: str = "") -> Effect:
        """The same effect with what became of it."""
        return replace(self, state=state, statistics={**self.statistics, **(statistics or {})}, error=error)


@dataclass(frozen=True, kw_only=True)
class Added:
    """A column that the source gained, and the read that first carried it (UTC)."""

    column: str
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a first load: the rows whose key lies in ``(low, high]``, as the source orders it (R24).

    An end is a text for each key column, as the source writes it; an empty one is none. ``number`` counts from 1;
    ``before`` are the rows of the parts before it, ``total`` the source's own estimate of all (0: it has none).
    ``since`` is when the first part began, UTC.
    """

    low: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    number: int = 1
    before: int = 0
    total: int = 0
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """Some of the keys: those whose hash (60 bits) begins with one of ``numbers``, each ``bits`` long (R25).

    With all 60 bits a number is one key.
    """

    bits: int
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """What a reconcile found by one snapshot, and what its read heals: rows of ``buckets``, and those deleted (R25).

    ``missing`` keys are not in current, ``changed`` ones stand there in another version, ``deleted`` ones are not in
    the source. ``left`` of ``of`` ranges of keys differ, and were not looked into. ``uncompared`` are columns that
    current doesn't have yet.
    """

    missing: int = 0
    changed: int = 0
    deleted: int = 0
    left: int = 0
    of: int = 0
    uncompared: tuple[str, ...] = ()
    buckets: Buckets | None = None

    @property
    def differing(self) -> int:
        """Keys that differ, of all that were looked into."""
        return self.missing + self.changed + self.deleted

    @property
    def complete(self) -> bool:
        """Whether nothing differs any more once the read is applied."""
        return self.left == 0


@dataclass(frozen=True, kw_only=True)
class Portion:
    """What of a table a read takes, and what follows from that. One of the four below."""

    @property
    def wanted(self) -> tuple[Span, ...] | None:
        """The spans whose rows are read; None where rows are not chosen by spans."""
        return None

    @property
    def first(self) -> bool:
        """Whether it is the first load of its table, or a part of that."""
        return False

    @property
    def replaces(self) -> bool:
        """Whether applying it replaces the whole target rather than upserting by key (R18)."""
        return False

    @property
    def repeats(self) -> bool:
        """Whether it may be left unapplied where it equals the last one (R23)."""
        return False

    @property
    def renews(self) -> bool:
        """Whether its spans hold only what it read, once it is applied; else it adds to them."""
        return True

    @property
    def continues(self) -> bool:
        """Whether others follow: nothing is covered before the last of them."""
        return False

    @property
    def covers(self) -> bool:
        """Whether its spans are covered once it is applied."""
        return not self.continues

    @property
    def moment(self) -> datetime | None:
        """The first moment of the cursor that it reads; None where rows of any time are read."""
        return None

    @property
    def anew(self) -> str:
        """Why what was covered before it counts no more; empty where it does (R29)."""
        return ""

    @property
    def sweeps(self) -> datetime | None:
        """Applying it removes what no read since this moment has seen; None: nothing (R24)."""
        return None

    @property
    def renewed(self) -> bool:
        """Whether nothing older is left in the target once it is applied."""
        return self.replaces or self.sweeps is not None


@dataclass(frozen=True, kw_only=True)
class Slices(Portion):
    """Some intervals of the cursor. ``prefetched`` are those of runs yet to come."""

    kind: Literal[Kind.SLICE] = Kind.SLICE
    spans: tuple[Span, ...]
    prefetched: tuple[Interval, ...] = ()

    @property
    def wanted(self) -> tuple[Span, ...]:
        """All but those in which nothing was written since."""
        return tuple(span for span in self.spans if span.fresh != 0)

    @property
    def moment(self) -> datetime | None:
        """Where the first span begins."""
        return self.spans[0].interval.low if self.spans else None


@dataclass(frozen=True, kw_only=True)
class Whole(Portion):
    """The whole table. ``spans`` are what that covers; none for a table without a cursor. ``voids`` is ``anew``.

    ``remade``: a person had both target tables dropped and made again, with the columns that it brings.
    """

    kind: Literal[Kind.REFRESH, Kind.RELOAD, Kind.FIRST]
    spans: tuple[Span, ...] = ()
    voids: str = ""
    remade: bool = False

    @property
    def anew(self) -> str:
        """As the decision had it."""
        return self.voids

    @property
    def first(self) -> bool:
        """Whether the table is new."""
        return self.kind is Kind.FIRST

    @property
    def replaces(self) -> bool:
        """Always."""
        return True

    @property
    def repeats(self) -> bool:
        """On schedule only: on demand it always replaces."""
        return self.kind is Kind.REFRESH


@dataclass(frozen=True, kw_only=True)
class FirstPart(Portion):
    """The rows of one ``part`` of a table that is new. ``spans`` are what the parts cover together (R24).

    Or of one whose rows count no more (``voids``): people go on seeing the old ones while the parts come, and what is
    older than the first part, read at ``first_read_at`` (UTC), leaves with the last (R29).
    """

    kind: Literal[Kind.FIRST_PART] = Kind.FIRST_PART
    spans: tuple[Span, ...]
    part: Part
    voids: str = ""
    first_read_at: datetime | None = None

    @property
    def anew(self) -> str:
        """As the first part's decision had it."""
        return self.voids

    @property
    def sweeps(self) -> datetime | None:
        """The last part removes what was there before the first."""
        return self.first_read_at if self.voids and not self.continues else None

    @property
    def first(self) -> bool:
        """Always."""
        return True

    @property
    def replaces(self) -> bool:
        """The first of them does, where nothing was there before; the others add to it."""
        return not self.part.low and not self.voids

    @property
    def renews(self) -> bool:
        """As the first of them does."""
        return self.part.number == 1

    @property
    def continues(self) -> bool:
        """All but the last."""
        return bool(self.part.high)


@dataclass(frozen=True, kw_only=True)
class Reconcile(Portion):
    """The keys that differed between source and target. It covers nothing and proves nothing (R25)."""

    kind: Literal[Kind.RECONCILE] = Kind.RECONCILE
    reconciled: Reconciled = Reconciled()

    @property
    def renews(self) -> bool:
        """It adds to what is there."""
        return False

    @property
    def covers(self) -> bool:
        """Never."""
        return False


AnyPortion = Annotated[Slices | Whole | FirstPart | Reconcile, Field(discriminator="kind")]


@dataclass(frozen=True, kw_only=True)
class Read:
    """One read of one target table. ``read_at`` (UTC, microseconds) grows strictly per target and names it (R15).

    ``key`` tells its rows apart; where the source does not vouch for that (``unique`` False), the merge checks it.
    Under ``append`` it replaces the intervals that it read. ``columns`` say how each value travelled. ``verified`` is
    the level of checksum that was equal at both ends, empty for counts alone (R28). ``partial`` are the columns that
    came since the last whole read: rows older than that have NULL in them (R26). ``fingerprint`` is what decided which
    rows and values it brought; None before Floodmark kept one (R29). ``removed`` columns leave both tables before it is
    loaded. ``leftovers`` say which rows left the source otherwise than one by one since the last whole read: they may
    be in current still (R32). Moments are UTC.
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
    leftovers: tuple[str, ...] = ()
    error: str = ""
    began_at: datetime | None = None
    staged_at: datetime | None = None
    applied_at: datetime | None = None
    effects: tuple[Effect, ...] = ()

    @property
    def kind(self) -> Kind:
        """Why the table is read."""
        return self.portion.kind

    @property
    def spans(self) -> tuple[Span, ...]:
        """The intervals that it reads, or that it covers."""
        return () if isinstance(self.portion, Reconcile) else self.portion.spans

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
    def rows(self) -> int:
        """Rows staged; 0 before that."""
        return self.manifest.rows if self.manifest else 0

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
