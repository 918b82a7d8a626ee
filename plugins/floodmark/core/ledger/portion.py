"""What of a table a read takes: slices, the whole, a part of a first load, or what a reconcile heals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from floodmark.core.time.interval import Interval


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
    SUMMARY = "summary"
    """A summary table, built by its query."""


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
class Part:
    """One part of a first load: the rows whose key lies in ``(low, high]``, as the source orders it (R24).

    An end is a text for each key column, as the source writes it; an empty one is none. ``number`` counts from 1;
    ``rows`` are the most that it may have (0: nobody knows), ``before`` those of the parts before it, ``total`` the
    source's own estimate of all (0: it has none).
    ``since`` is when the first part began, UTC.
    """

    low: tuple[str, ...] = ()
    high: tuple[str, ...] = ()
    number: int = 1
    rows: int = 0
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
    the source. ``left`` of ``of`` ranges of keys differ, and were not looked into. Of ``unlike`` columns only whether
    they hold a value was compared, since the two ends have no text of it in common (JSON). ``uncompared`` are columns
    that current didn't have, of a read that an older Floodmark staged: by now they are NULL there.
    """

    missing: int = 0
    changed: int = 0
    deleted: int = 0
    left: int = 0
    of: int = 0
    uncompared: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
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
class Takeover:
    """What a first read takes from a table that somebody else filled, instead of from the source (adopt).

    ``table`` is ``project.dataset.table``. ``rows`` of it are taken; what differed from the source is staged beside
    them. ``stamp`` is what the table said of itself before it was compared: with another one it is not what was
    compared. ``trusted`` columns were not compared by what they hold.
    """

    table: str
    rows: int
    stamp: str
    trusted: tuple[str, ...] = ()


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
    ``takeover``: its rows come from a table that stood there, and were equal to the source's in its snapshot.
    """

    kind: Literal[Kind.REFRESH, Kind.RELOAD, Kind.FIRST]
    spans: tuple[Span, ...] = ()
    voids: str = ""
    remade: bool = False
    takeover: Takeover | None = None

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
