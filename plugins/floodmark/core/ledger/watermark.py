"""What was open when we looked, and what that proves: the watermark (R4-R8).

A transaction writes its own start time into the cursor and commits later. So a slice is complete only when no
transaction that began before its end is still open. The source itself can say; :func:`watermark_of` turns what it said
into the moment before which nothing new can appear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Basis(StrEnum):
    """What a watermark rests on."""

    PROVED = "proved"
    """The database said so, and nothing was taken on trust but the words of R6."""
    ASSUMED = "assumed"
    """Something was taken on trust; the look's ``assumptions`` name it (R7)."""


@dataclass(frozen=True, kw_only=True)
class OpenTransaction:
    """A transaction that holds a seal back. ``pid`` and ``backend_start`` name it; moments are the database's, UTC.

    One that is ``prepared`` is named by that, its gid, and has no process: ``pid`` is 0, ``backend_start`` when it was
    prepared, which says nothing of its start. ``transaction`` is the source's own id of it, where it has one and told.
    """

    pid: int
    backend_start: datetime | None
    since: datetime | None
    """The earlier of its transaction's and its message's start; None where the server didn't tell."""
    application: str = ""
    user: str = ""
    prepared: str = ""
    transaction: str = ""

    @property
    def identity(self) -> tuple[int, datetime | None, datetime | None, str]:
        """Equal only for the same transaction of the same backend, or prepared under the same name."""
        return (self.pid, self.backend_start, self.since, self.prepared)

    @property
    def named(self) -> bool:
        """Whether it can be told apart from others, so that one can see that it has ended."""
        return self.since is not None or bool(self.prepared)

    def __str__(self) -> str:
        """For people: who, and since when."""
        if self.prepared:
            return f"prepared transaction {self.prepared!r} of {self.user or 'an unknown role'}"
        since = self.since.isoformat(timespec="seconds") if self.since else "an unknown moment"
        return f"pid {self.pid} ({self.application or 'no application name'}) open since {since}"


def holding(
    held_by: tuple[OpenTransaction, ...], watermark: datetime | None, end: datetime
) -> tuple[OpenTransaction, ...]:
    """Those of ``held_by`` because of which a slice that ends at ``end`` is not sealed.

    One that began after the slice's end can't write into it, but for the skew of an application's clock: by so much
    ``watermark`` lies before the oldest of them.
    """
    if watermark is not None and watermark >= end:
        return ()
    skew = _skew(held_by, watermark)
    return tuple(one for one in held_by if one.since is None or one.since - skew < end)


def reached(
    some: Sequence[OpenTransaction], held_by: tuple[OpenTransaction, ...], watermark: datetime | None, tick: timedelta
) -> datetime | None:
    """The first moment that a row of ``some`` of ``held_by`` may bear; None where nobody can know.

    As for the seal: no cursor lies before its transaction's start, but for the skew, and the ``tick``.
    """
    starts = [one.since for one in some if one.since is not None]
    if watermark is None or not starts or len(starts) < len(some):
        return None
    return _on_tick(min(starts) - _skew(held_by, watermark), tick)


def _skew(held_by: tuple[OpenTransaction, ...], watermark: datetime | None) -> timedelta:
    """By how much ``watermark`` lies before the oldest start that it rests on."""
    starts = [one.since for one in held_by if one.since is not None]
    lag = min(starts) - watermark if starts and watermark is not None else timedelta(0)
    return max(lag, timedelta(0))


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a look saw, where a source wants to hold later looks against it.

    ``suspects`` are all that might write with a time before ``clock``, on that ``server``, in that ``era`` of it: the
    source's own word for the time within which a ``pid`` is given to one session only.
    """

    clock: datetime
    server: str = ""
    era: str = ""
    suspects: tuple[OpenTransaction, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Look:
    """Which transactions were open (R4).

    ``clock`` is the database's, taken before the rest. ``open_transactions`` are the transactions that count.
    ``blockers`` are the reasons for which nothing at all is proved (R4.3, R5); ``assumptions`` those for which what
    is proved is only assumed (R7). ``server`` names the database server; empty: unknown. ``seen`` is handed to the
    source's next look; None where it has no use for it.
    """

    clock: datetime
    open_transactions: tuple[OpenTransaction, ...] = ()
    blockers: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    server: str = ""
    seen: Seen | None = None

    @property
    def oldest(self) -> datetime | None:
        """The oldest start among the holders; None where nothing is open."""
        return min(
            (transaction.since for transaction in self.open_transactions if transaction.since is not None), default=None
        )


@dataclass(frozen=True, kw_only=True)
class Watermark:
    """No row with a cursor before ``at`` can appear any more. ``at`` None is minus infinity: nothing is proved."""

    at: datetime | None
    basis: Basis = Basis.PROVED
    held_by: tuple[OpenTransaction, ...] = ()
    reasons: tuple[str, ...] = ()

    def assuming(self, reasons: tuple[str, ...]) -> Watermark:
        """The same watermark with more taken on trust."""
        return replace(self, basis=Basis.ASSUMED, reasons=self.reasons + reasons) if reasons else self


def watermark_of(
    look: Look,
    *,
    settle: timedelta,
    skew: timedelta = timedelta(0),
    tick: timedelta = timedelta(0),
    assumed: tuple[str, ...] = (),
) -> Watermark:
    """``min(oldest start, clock - settle) - skew``, on a tick; minus infinity if anything blocks (R4-R6).

    ``settle`` covers the moment between a backend's taking its start time and publishing it; ``skew`` how far an
    application's clock may lie behind. A cursor that keeps whole seconds only (its ``tick``) may lie so much before
    its transaction's start, so the watermark does too. ``assumed`` are the table's own reasons (R7): its clock, its
    cursor's type.
    """
    reasons = look.assumptions + assumed
    basis = Basis.ASSUMED if reasons else Basis.PROVED
    unknown = tuple(transaction for transaction in look.open_transactions if transaction.since is None)
    if look.blockers or unknown:
        return Watermark(at=None, basis=basis, held_by=look.open_transactions, reasons=look.blockers + reasons)
    settled = look.clock - settle
    at = settled if look.oldest is None else min(look.oldest, settled)
    held_by = tuple(
        transaction
        for transaction in look.open_transactions
        if transaction.since is not None and transaction.since <= settled
    )
    return Watermark(at=_on_tick(at - skew, tick), basis=basis, held_by=held_by, reasons=reasons)


def _on_tick(moment: datetime, tick: timedelta) -> datetime:
    """The last tick not after ``moment``, as they are counted from 1970; any moment is one where ``tick`` is zero."""
    return moment - (moment - _EPOCH) % tick if tick else moment
