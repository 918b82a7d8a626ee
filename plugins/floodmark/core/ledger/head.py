"""One head per target table: the lease, the one open read, and every lawful change of them (R14-R17).

All changes are pure functions ``Head -> Head``. A ledger stores a head by compare-and-swap on ``version``, which every
change makes one higher; so a step that lost its lease can write nothing, whichever ledger it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from floodmark.core.ledger import closing
from floodmark.core.ledger import requested as requests
from floodmark.core.ledger.balance import NOT_LOOKED, Balance
from floodmark.core.ledger.coverage import Coverage, after
from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.forgotten import NOTHING_FORGOTTEN, Forgotten
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Reconcile
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.renaming import in_new_names
from floodmark.core.ledger.requested import Prefetched
from floodmark.core.ledger.spending import NOTHING_SPENT, Spending
from floodmark.core.ledger.step import Step, is_apply
from floodmark.core.ledger.totals import NO_TOTALS, Totals, totals_after
from floodmark.core.ledger.versions import NO_VERSIONS, Versions, versions_after
from floodmark.core.time.interval import Interval, subtract, utc
from floodmark.core.time.units import MICROSECOND
from floodmark.errors import FatalError, LeaseLost

CLOSED = (State.APPLIED, State.VOID)
"""A read in one of these never changes again."""
_EITHER = (State.STAGED, State.LOADED)


class Unlawful(FatalError):
    """A change that the states of a read don't allow: a defect of the caller, never of the data."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the ledger knows of one target table.

    ``uuid`` is the label put on the target's tables, so that a re-created one isn't taken for loaded. ``holder`` is
    empty while the lease is free. ``last`` is the newest applied read. ``prefetched`` are slices that need not be read
    for the next run of a backfill that asks for them; ``due`` are slices of which raw lost what was read, so that the
    next run reads them, whatever it asks for (R33). ``reconciled_at`` is the newest reconcile after which nothing
    differed (R25). ``error`` says why the table is blocked. ``spending`` is what BigQuery billed for it (R20),
    ``forgotten`` whose rows were taken out for good. ``target_rows`` is how many rows current held as the last effect
    left it, None where nobody counted; ``balance`` is what the last comparisons of both ends found (R36). ``versions``
    is for its history; ``totals`` sum up its applied reads.
    """

    target: str
    uuid: UUID
    version: int = 0
    token: int = 0
    holder: str = ""
    renewed_at: datetime | None = None
    last_read_at: datetime | None = None
    open: Read | None = None
    last: Read | None = None
    coverage: Coverage = ()
    prefetched: tuple[Prefetched, ...] = ()
    due: tuple[Interval, ...] = ()
    reconciled_at: datetime | None = None
    target_rows: int | None = None
    balance: Balance = NOT_LOOKED
    spending: Spending = NOTHING_SPENT
    forgotten: Forgotten = NOTHING_FORGOTTEN
    versions: Versions = NO_VERSIONS
    totals: Totals = NO_TOTALS
    error: str = ""


def fresh(target: str, ledger: UUID) -> Head:
    """The head of a target that the ledger has never seen."""
    return Head(target=target, uuid=uuid5(ledger, target))


def following(head: Head, **changes: object) -> Head:
    """The head one version later, with some of it changed."""
    return replace(head, version=head.version + 1, **changes)  # type: ignore[arg-type]


def opened(head: Head, *states: State) -> Read:
    """The open read, if it is in one of these states. Raises ``Unlawful``."""
    if head.open is None or head.open.state not in states:
        state = head.open.state.value if head.open else "no open read"
        raise Unlawful(f"{head.target}: expected an open read that is {' or '.join(states)}, found {state}")
    return head.open


def take(head: Head, *, holder: str, now: datetime) -> Head:
    """The lease, for ``holder``: one token higher. Whether it may be taken is the caller's to know."""
    if not holder:
        raise Unlawful(f"{head.target}: a lease needs a holder's name; an empty one means that it is free")
    return following(head, token=head.token + 1, holder=holder, renewed_at=now)


def renew(head: Head, *, now: datetime) -> Head:
    """A sign of life: the version moves, so that nobody thinks the holder dead."""
    return following(head, renewed_at=now)


def release(head: Head) -> Head:
    """The lease is free; an open read stays open for whoever comes next."""
    return following(head, holder="")


def next_read_at(head: Head, clock: datetime) -> datetime:
    """The name of the read that begins now, UTC: the look's clock, or just after the last read (R15)."""
    return max(utc(clock), head.last_read_at + MICROSECOND) if head.last_read_at else utc(clock)


def begin(head: Head, read: Read) -> Head:
    """Open ``read``. Its ``read_at`` must lie after every earlier one of the target (R15)."""
    if head.open is not None:
        raise Unlawful(f"{head.target}: a read is open already, from {head.open.read_at.isoformat()}")
    if read.token != head.token or not head.holder:
        lease = f"at {head.token}" if head.holder else "free"
        raise LeaseLost(f"{head.target}: the read bears token {read.token}, the lease is {lease}")
    if read.state is not State.READING or read.target != head.target or read.effects:
        raise Unlawful(f"{head.target}: a {read.state.value} read of {read.target} can't be begun")
    if head.last_read_at is not None and read.read_at <= head.last_read_at:
        raise Unlawful(
            f"{head.target}: read_at {read.read_at.isoformat()} is not after {head.last_read_at.isoformat()}"
        )
    return following(head, open=read, last_read_at=read.read_at)


def stage(head: Head, manifest: Manifest, *, verdict: Read | None = None, now: datetime) -> Head:
    """``reading -> staged``, by the token that began it and no other (R16)."""
    read = opened(head, State.READING)
    if read.token != head.token:
        raise LeaseLost(f"{head.target}: the read was begun under token {read.token}, the lease is at {head.token}")
    if verdict and (verdict.read_at, verdict.token, verdict.state) != (read.read_at, read.token, read.state):
        raise Unlawful(f"{head.target}: the verdict is on {verdict.read_at.isoformat()}, not on the open read")
    return following(head, open=replace(verdict or read, state=State.STAGED, manifest=manifest, staged_at=now))


def intend(head: Head, effect: Effect) -> Head:
    """Write the whole job down before it is submitted (R17). One attempt of a step may be under way at a time.

    Loading and taking over are for a staged read, applying for a loaded one, any other step (an ALTER) for either.
    """
    read = opened(head, *_before(effect.step))
    if effect.state is not EffectState.INTENDED or effect.job_id in {other.job_id for other in read.effects}:
        raise Unlawful(f"{head.target}: {effect.job_id} ({effect.state.value}) is no new intent")
    before = read.attempts(effect.step)
    if any(other.state is EffectState.INTENDED or other.state is EffectState.DONE for other in before):
        raise Unlawful(f"{head.target}: {effect.step} is under way or done already: {before[-1].job_id}")
    if effect.attempt != len(before) + 1:
        raise Unlawful(f"{head.target}: attempt {effect.attempt} of {effect.step} after {len(before)} others")
    return following(head, open=replace(read, effects=(*read.effects, effect)))


def _before(step: str) -> tuple[State, ...]:
    """What a read is when ``step`` may begin."""
    if step in (Step.LOAD, Step.TAKE_OVER, Step.BUILD):
        return (State.STAGED,)
    return (State.LOADED,) if is_apply(step) else _EITHER


def conclude(head: Head, effect: Effect) -> Head:
    """Write down what became of an intended job, once; the job itself stays as it was intended."""
    read = opened(head, *_EITHER)
    intended = next((other for other in read.effects if other.job_id == effect.job_id), None)
    if intended is None:
        raise Unlawful(f"{head.target}: {effect.job_id} was never intended")
    if intended.state is not EffectState.INTENDED or effect.state is EffectState.INTENDED:
        raise Unlawful(
            f"{head.target}: {effect.job_id} is {intended.state.value}, it can't become {effect.state.value}"
        )
    if replace(effect, state=intended.state, statistics=intended.statistics, error=intended.error) != intended:
        raise Unlawful(f"{head.target}: {effect.job_id} is not the job that was intended")
    effects = tuple(effect if other.job_id == effect.job_id else other for other in read.effects)
    return following(head, open=replace(read, effects=effects))


def load(head: Head) -> Head:
    """``staged -> loaded``: its rows are in raw."""
    read = opened(head, State.STAGED)
    taken = read.takeover.rows if read.takeover else 0
    _require_done(head, read, Step.TAKE_OVER, needed=taken > 0)
    _require_done(head, read, read.arrives, needed=read.rows > taken or read.built)
    return following(head, open=replace(read, state=State.LOADED))


def apply(
    head: Head, *, now: datetime, late: int = 0, changed: bool = True, stamp: str = "", verified: str = "",
    rows: int | None = None,
) -> tuple[Head, Read]:  # fmt: skip
    """``loaded -> applied``: the read closes, and coverage grows by it.

    ``stamp`` is what the target says of itself as this read leaves it (R23), ``verified`` the level of checksum that
    was equal at both ends (R28), ``rows`` how many rows current holds now; None: as many as before (R36).
    """
    read = opened(head, State.LOADED)
    _require_done(head, read, Step.APPLY, needed=bool(read.rows) or read.portion.renewed or read.built)
    head = head if rows is None else replace(head, target_rows=rows)
    return _close(head, replace(read, late=late, changed=changed, target_stamp=stamp, verified=verified), now)


def same(head: Head, *, now: datetime) -> tuple[Head, Read]:
    """``staged -> applied`` without a job: a refresh that read just what the last applied one left (R23)."""
    read = opened(head, State.STAGED)
    if head.last is None or not closing.is_same(head.open, head.last):
        raise Unlawful(f"{head.target}: what {read.read_at.isoformat()} read is not what the target holds")
    stands = replace(read, changed=False, target_stamp=head.last.target_stamp, verified=head.last.verified)
    return _close(head, stands, now)


def _close(head: Head, read: Read, now: datetime) -> tuple[Head, Read]:
    before = in_new_names(head.last, read.renamed) if head.last else None
    partial, leftovers = closing.partial(before, read), closing.leftovers(before, read)
    applied = replace(read, state=State.APPLIED, applied_at=now, partial=partial, leftovers=leftovers)
    wrong = head.last.error if head.last and not read.portion.renewed else ""
    reconciled = read.reconciled
    brief = Reconcile(reconciled=replace(reconciled, buckets=None)) if reconciled else applied.portion
    last = replace(applied, effects=(), query="", portion=brief, error=wrong)
    prefetched = (
        *(() if read.portion.anew else head.prefetched),
        *(Prefetched(interval=interval, read_at=read.read_at) for interval in read.prefetched),
    )
    changes = {
        "last": last,
        "coverage": after(head.coverage, applied),
        "prefetched": requests.still_prefetched(prefetched, read.read_at),
        "due": subtract(head.due, closing.taken_whole(read)) if read.portion.covers else head.due,
        "reconciled_at": read.read_at if reconciled and reconciled.complete else head.reconciled_at,
        "balance": closing.balance_after(head.balance, head.target_rows, applied),
        "versions": versions_after(head.versions, before, applied),
        "totals": totals_after(head.totals, applied),
        "error": wrong,
    }
    return following(head, open=None, **changes), applied


def balanced(head: Head, balance: Balance) -> Head:
    """What both ends' comparison found (R36)."""
    if not head.holder:
        raise Unlawful(f"{head.target}: compared without the lease")
    return following(head, balance=balance)


def touched(head: Head, rows: int, error: str = "") -> Head:
    """Current holds another number of rows than its last effect left: ``rows`` it is, and ``error`` says so (R36)."""
    counted = replace(head, target_rows=rows)
    return block(counted, error, wrong=True) if error else following(counted)


def prefetched_intervals(head: Head, now: datetime) -> tuple[Interval, ...]:
    """What a run of a backfill need not read: read by another run not long before ``now``, and not asked for since."""
    return tuple(one.interval for one in requests.still_prefetched(head.prefetched, now))


def take_as_read(head: Head, interval: Interval) -> Head:
    """A run asked for ``interval``: whoever asks for it again wants it read again."""
    return following(head, prefetched=requests.without(head.prefetched, interval))


def block(head: Head, error: str, *, wrong: bool = False) -> Head:
    """Say why the table stands still; the next applied read clears it, or :func:`unblock`.

    ``wrong``: what current holds is not what was read, so that only a read which replaces all of it clears it; until
    then ``last.error`` says so.
    """
    last = replace(head.last, error=error) if wrong and head.last else head.last
    return following(head, error=error, last=last)


def unblock(head: Head) -> Head:
    """A person says that the cause is mended: the failed step may be tried once more, under a new job id."""
    return following(head, error="", last=replace(head.last, error="") if head.last else None)


def adopt(head: Head, last_read_at: datetime | None) -> Head:
    """Take over a target that another ledger's reads filled, up to ``last_read_at`` (None: it is empty) (R19).

    Every read from now on is newer than those. Nothing is covered by it: what lacks evidence is read anew.
    """
    if head.open is not None or not head.holder:
        busy_with = f"a read of {head.open.read_at.isoformat()} is open" if head.open else "nobody holds the lease"
        raise Unlawful(f"{head.target}: can't be adopted: {busy_with}")
    if head.last is not None and head.last.changed:
        raise Unlawful(f"{head.target}: can't be adopted: this ledger has filled it, {head.last.read_at.isoformat()}")
    return following(head, last_read_at=max(filter(None, (head.last_read_at, last_read_at)), default=None), error="")


def _require_done(head: Head, read: Read, step: str, *, needed: bool) -> None:
    if needed and not any(effect.state is EffectState.DONE for effect in read.attempts(step)):
        raise Unlawful(f"{head.target}: no {step} of {read.read_at.isoformat()} is done")
