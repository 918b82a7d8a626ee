"""What the last comparisons of a table's two ends found, as the head keeps it (R36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from floodmark.core.checksum import Sum

ROUND = timedelta(days=31)
"""What was compared before that is no longer spoken of."""
RANGES = 2**16
"""Into so many ranges the keys' hashes fall, for the share of the rows that is compared."""


@dataclass(frozen=True, kw_only=True)
class Census:
    """The source's selected rows in one snapshot, each in one class.

    ``settled``: sealed, and to be in current as they are. ``deleted``: marked so. ``early``: before the table's start.
    ``timeless``: with a cursor that is null or infinite. ``future``: with one that lies ahead. ``loose``: not sealed
    yet. ``bad``: with a value that BigQuery can't hold.
    """

    settled: int = 0
    deleted: int = 0
    early: int = 0
    timeless: int = 0
    future: int = 0
    loose: int = 0
    bad: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.settled + self.deleted + self.early + self.timeless + self.future + self.loose + self.bad


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Both ends' rows at one moment, UTC.

    ``current`` are all rows of current. Of the source's, ``expected`` have to be there, and ``movable`` more may be, in
    any version; current's ``standing`` rows are those that can be one or the other. ``untimely`` rows of current bear
    no read's time, or one to come, so that no merge changes them; of ``misflagged`` ones ``_floodmark_deleted`` says
    something else than the column by which the source marks them.
    """

    at: datetime
    source: Census
    current: int
    expected: int
    movable: int
    standing: int
    untimely: int = 0
    misflagged: int = 0

    @property
    def missing(self) -> int:
        """Rows that are in the source and not in current, at least."""
        return max(0, self.expected - self.standing)

    @property
    def surplus(self) -> int:
        """Rows that are in current and not in the source, at least."""
        return max(0, self.standing - self.expected - self.movable)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys of both ends at one moment, UTC: at least so many are ``missing`` from current, or ``surplus`` there."""

    at: datetime
    missing: int = 0
    surplus: int = 0


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The rows whose keys' hashes lie in the ranges ``[low, high)``, compared at one moment, UTC."""

    at: datetime
    low: int
    high: int
    differing: int = 0
    """Ranges in which the two ends differ."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Current's content held against the read that it holds, of a table that is read whole. Moments are UTC.

    ``read_at`` names that read; ``at`` is when they were compared, None: not yet; ``before``, when an earlier read was.
    ``missing`` of its rows are not in current, and ``surplus`` rows of current are none of it: a changed row is both.
    ``other``: current is not what was read, and nobody can say in how many rows, since raw doesn't hold the read any
    more. ``ahead`` rows of current bear a time after that of the last read. ``total`` is what the read's rows come to,
    as raw had them; None where raw was never asked. ``forgotten`` rows of it were taken out for good.
    """

    read_at: datetime
    at: datetime | None = None
    before: datetime | None = None
    missing: int = 0
    surplus: int = 0
    other: bool = False
    ahead: int = 0
    total: Sum | None = None
    forgotten: int = 0

    @property
    def rows(self) -> int:
        """So many rows differ, at least."""
        return max(self.missing, self.surplus)

    @property
    def differs(self) -> bool:
        """Whether current holds something else than what was read."""
        return bool(self.rows or self.ahead or self.other)


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The newest result of each depth; ``rows`` stretch by stretch, in the order of their comparison.

    ``content`` is that of a table which is read whole. ``skipped`` says why a depth was left out the last time.
    """

    counts: Counts | None = None
    keys: Keys | None = None
    rows: tuple[Stretch, ...] = ()
    content: Content | None = None
    skipped: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """Rows that the source has and current has not, at least."""
        return max(self.counts.missing if self.counts else 0, self.keys.missing if self.keys else 0)

    @property
    def strayed(self) -> int:
        """Rows that counting by current's own cursor didn't find, though their keys, compared with it, are there."""
        counts, keys = self.counts, self.keys
        if counts is None or keys is None or keys.at != counts.at or keys.missing:
            return 0
        return counts.missing

    @property
    def surplus(self) -> int:
        """Rows that current has and the source has not, at least."""
        return max(self.counts.surplus if self.counts else 0, self.keys.surplus if self.keys else 0)

    @property
    def differing(self) -> int:
        """Ranges of rows in which the two ends differ, of those that were compared."""
        return sum(stretch.differing for stretch in self.rows)

    @property
    def well(self) -> bool:
        """Whether no row is missing or another one, as far as was looked into."""
        return not (self.missing or self.differing or self.changed)

    def balances(self, *, more: bool) -> bool:
        """Whether it is :attr:`well`, and holds no row too many, unless it may hold ``more``."""
        return self.well and (more or not self.surplus)

    @property
    def changed(self) -> bool:
        """Whether somebody changed the columns of ours, or the content of a table that is read whole."""
        ours = self.counts is not None and bool(self.counts.untimely or self.counts.misflagged)
        return ours or (self.content is not None and self.content.differs)

    @property
    def looked(self) -> bool:
        """Whether both ends were ever held against each other, at any depth."""
        return self.counts is not None or self.keys is not None

    def share(self, now: datetime) -> tuple[float, timedelta]:
        """The share of the rows that was compared within :data:`ROUND`, and how long ago the first of them were."""
        stretches = [stretch for stretch in self.rows if now - stretch.at <= ROUND]
        if not stretches:
            return 0.0, timedelta(0)
        oldest = min(stretch.at for stretch in stretches)
        return sum(stretch.high - stretch.low for stretch in stretches) / RANGES, now - oldest


NOT_LOOKED = Balance()
