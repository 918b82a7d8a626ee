"""A year of a source's transactions: which are open at a moment, and which rows they leave. Seeded; no clock.

Moments are seconds from :data:`ZERO`. Short transactions are a steady stream of rows, known by their rate alone: each
is committed within :data:`SHORT` of its cursor. Longer ones are drawn one by one, and write into every table.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from floodmark.core.ledger.watermark import Look, OpenTransaction

ZERO = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3600.0
SHORT = 1.0
"""Seconds that a short transaction lasts at most."""
XIDS = 200
"""Transactions' ids per second."""


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Longer transactions. Lengths are seconds, their logarithms evenly spread; rates are per hour, for the source.

    ``reports`` read and write nothing. ``prepared`` ones are committed in two phases: nobody can tell their start.
    Half of the long ones write at their end only, so they get an id late. ``share``: what a long one writes into each
    table, of what short ones write meanwhile.
    """

    minutes: float = 8
    minutes_length: tuple[float, float] = (SHORT, 900)
    hours: float = 0.125
    hours_length: tuple[float, float] = (900, 5 * HOUR)
    reports: float = 0.125
    reports_length: tuple[float, float] = (600, 4 * HOUR)
    prepared: float = 1 / 720
    prepared_length: tuple[float, float] = (30, 600)
    share: float = 0.02


@dataclass(frozen=True, kw_only=True)
class Written:
    """Rows of one transaction with one cursor, in each table, there from ``commit`` on. ``xid``: also a savepoint's."""

    number: int
    cursor: float
    xid: int
    rows: float
    since: float
    commit: float


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """Open from ``since`` to ``until``; its id from ``writes`` on, None for one that writes nothing."""

    number: int
    since: float
    until: float
    writes: float | None
    prepared: bool = False

    @property
    def shown(self) -> OpenTransaction:
        """As a look has it."""
        since = None if self.prepared else moment(self.since)
        gid = f"gid{self.number}" if self.prepared else ""
        pid = 0 if self.prepared else self.number + 1
        return OpenTransaction(pid=pid, backend_start=moment(self.since), since=since, application="app", prepared=gid)


@dataclass(kw_only=True)
class World:
    """All transactions of so many ``hours``; ``rate``: rows that short ones write, per table and second.

    Without ``ids`` no row tells its transaction, as in MySQL.
    """

    hours: int
    rate: float
    mix: Mix = field(default_factory=Mix)
    seed: int = 1
    ids: bool = True
    rows: list[Written] = field(default_factory=list)
    by_cursor: list[Written] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_hour: dict[int, list[Transaction]] = {}
        chance = random.Random(self.seed)
        for number, one in enumerate(sorted(self._drawn(chance), key=lambda one: one[0])):
            since, length, writes, prepared = one
            late = None if writes is None else since + writes * length
            self._add(Transaction(number=number, since=since, until=since + length, writes=late, prepared=prepared))
        self.by_cursor = sorted(self.rows, key=lambda one: one.cursor)
        self._cursors = [one.cursor for one in self.by_cursor]
        self._sums = [0.0, *accumulate(one.rows for one in self.by_cursor)]

    def _drawn(self, chance: random.Random) -> Iterator[tuple[float, float, float | None, bool]]:
        mix = self.mix
        for per_hour, (low, high), kind in (
            (mix.minutes, mix.minutes_length, "writer"),
            (mix.hours, mix.hours_length, "long"),
            (mix.reports, mix.reports_length, "report"),
            (mix.prepared, mix.prepared_length, "prepared"),
        ):
            at = 0.0
            while per_hour and (at := at + chance.expovariate(per_hour / HOUR)) < self.hours * HOUR:
                length = low * (high / low) ** chance.random()
                late = chance.choice([0.0, 0.9]) if kind == "long" else 0.0
                yield at, length, None if kind == "report" else late, kind == "prepared"

    def _add(self, one: Transaction) -> None:
        for hour in range(int(one.since // HOUR), int(one.until // HOUR) + 1):
            self._by_hour.setdefault(hour, []).append(one)
        if one.writes is None:
            return
        each = max(1.0, self.mix.share * self.rate * (one.until - one.since)) / 2
        for cursor, at in ((one.since, one.writes), (one.until, one.until)):  # by now(), and by clock_timestamp()
            number = len(self.rows)
            self.rows.append(
                Written(number=number, cursor=cursor, xid=xid(at), rows=each, since=one.since, commit=one.until)
            )

    def look(self, now: float) -> Look:
        """What is open."""
        found = self._open(now)
        blockers = tuple("a prepared transaction" for one in found if one.prepared)
        return Look(clock=moment(now), open_transactions=tuple(one.shown for one in found), blockers=blockers[:1])

    def base(self, now: float) -> int | None:
        """The oldest id in progress, as a snapshot has it."""
        if not self.ids:
            return None
        return min([xid(now - SHORT), *(xid(one.writes or 0) for one in self._open(now) if _has_id(one, now))])

    def _open(self, now: float) -> Sequence[Transaction]:
        return [one for one in self._by_hour.get(int(now // HOUR), ()) if one.since <= now < one.until]

    def between(self, low: float, high: float) -> Sequence[Written]:
        """Longer transactions' rows by their cursor, committed or not."""
        return self.by_cursor[bisect_left(self._cursors, low) : bisect_left(self._cursors, high)]

    def sum_between(self, low: float, high: float) -> float:
        """How many that are."""
        return self._sums[bisect_left(self._cursors, high)] - self._sums[bisect_left(self._cursors, low)]


def _has_id(one: Transaction, now: float) -> bool:
    return one.writes is not None and one.writes <= now


def xid(at: float) -> int:
    """The id that a transaction gets at that moment."""
    return 1000 + int(at * XIDS)


def given_at(found: int) -> float:
    """When an id was given."""
    return (found - 1000) / XIDS


def moment(at: float) -> datetime:
    """UTC."""
    return ZERO + timedelta(seconds=at)


def seconds(at: datetime) -> float:
    """The same backwards."""
    return (at - ZERO).total_seconds()
