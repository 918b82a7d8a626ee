"""What a look proves: who may still write with a time that has passed (R4, R5). Pure.

The cursor is the time at which a *statement* began (M1). Nothing shows that time once the statement is over: InnoDB
tells when a transaction first worked on a row, and a statement may have waited before that (M5). Three things together
bound it:

* a statement that runs began when the process list says;
* an open transaction that has changed rows holds statements that began not more than WAIT before its first row;
* what was not there at an earlier look began after that look's clock, and what was seen to wait there is known (M8).

A transaction without changed rows holds nothing back: whatever it still writes, a later statement writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from floodmark.adapters.mysql.witnesses import Session, Transaction, Witnesses
from floodmark.core.ledger.watermark import Look, OpenTransaction, Seen

WAIT = timedelta(seconds=30)
"""Assumed, as what R6 assumes (M9): no statement that was never seen to wait waits longer than this before its first
row, and then leaves its transaction open."""
SHORT = timedelta(seconds=3)
"""A statement without a changed row that had run no longer when it was seen is not taken for one that waits."""
_SAME_START = timedelta(seconds=2)
_REMEMBERED = 1000
"""With more suspects than this the next look knows of none: a head must stay small."""
_SECOND = timedelta(seconds=1)
_LOGGING_IN = "Connect"
"""The command of a session that has begun no statement yet; of one that runs an event, and that has a time."""


def judge(witnesses: Witnesses, earlier: Sequence[Seen] = ()) -> Look:
    """The look that the witnesses make, held against earlier ones of the same server, the oldest first (M5-M8)."""
    era = _era(witnesses, earlier)
    known = [
        one
        for one in earlier
        if (one.server, one.era) == (witnesses.server.identity, era) and one.clock <= witnesses.clock
    ]
    suspects = tuple(_suspects(witnesses, era, known))
    blockers = (*_blind(witnesses), *_prepared(witnesses), *_fed(witnesses))
    return Look(
        clock=witnesses.clock,
        open_transactions=suspects,
        blockers=blockers,
        assumptions=tuple(_trusted(witnesses)),
        server=witnesses.server.identity,
        seen=_to_remember(witnesses, era, suspects),
    )


def _era(witnesses: Witnesses, earlier: Sequence[Seen]) -> str:
    """When the server started: ids of connections are given once within that. Told in whole seconds, give or take."""
    started = _whole_second(witnesses.server.started)
    for one in reversed(earlier):
        if one.server == witnesses.server.identity and one.era:
            before = datetime.fromisoformat(one.era)
            if abs(before - started) <= _SAME_START:
                return one.era
    return started.isoformat()


def _suspects(witnesses: Witnesses, era: str, earlier: Sequence[Seen]) -> Iterator[OpenTransaction]:
    """Everybody who may still write, or has written and not committed, with the earliest time that may bear."""
    running = {session.id: session for session in witnesses.sessions if session.runs}
    users = {session.id: session.user for session in witnesses.sessions}
    open_ = {one.session: one for one in witnesses.transactions or () if one.session}
    for pid in sorted({*running, *open_}):
        starts: list[datetime | None] = []
        if pid in running:
            starts.append(_since_of_statement(running[pid], witnesses.clock, earlier))
        if pid in open_:
            starts.append(_since_of_transaction(open_[pid], earlier))
        told = [start for start in starts if start is not None]
        yield OpenTransaction(
            pid=pid,
            backend_start=datetime.fromisoformat(era),
            since=min(told) if len(told) == len(starts) else None,
            user=users.get(pid, ""),
            transaction=open_[pid].id if pid in open_ else "",
        )
    for one in witnesses.transactions or ():
        if not one.session:
            name = ", ".join(witnesses.prepared) or f"transaction {one.id}"
            yield OpenTransaction(pid=0, backend_start=None, since=None, prepared=name, transaction=one.id)


def _since_of_statement(session: Session, clock: datetime, earlier: Sequence[Seen]) -> datetime | None:
    """When the statement began, None: nobody says. The clock was read before the list, so it is never too late."""
    before = _as_seen(session.id, earlier)
    if session.elapsed is None:
        if session.command != _LOGGING_IN:
            return None
        return before.since if before else _whole_second(clock)
    since = _whole_second(min(clock, clock - session.elapsed))
    # The same statement, told a moment otherwise: it keeps its name, so that one sees when it has ended (R9).
    if before and before.since and abs(before.since - since) <= _SECOND:
        return min(before.since, since)
    return since


def _since_of_transaction(transaction: Transaction, earlier: Sequence[Seen]) -> datetime:
    """The earliest start of a statement whose rows are in it."""
    since = transaction.started - WAIT
    waited: datetime | None = None
    for look in earlier:
        suspect = next((one for one in look.suspects if one.pid == transaction.session), None)
        if suspect is None or (suspect.transaction and suspect.transaction != transaction.id):
            # It ran nothing then, or its rows were in a transaction that is over: what it wrote since began later.
            since, waited = max(since, look.clock), None
        elif suspect.since and suspect.transaction:
            since = suspect.since  # the same transaction: what was known of it then is still so
        elif suspect.since and look.clock - suspect.since > SHORT:
            waited = suspect.since  # it may have waited since then, and be what wrote
    return min(since, waited) if waited else since


def _as_seen(pid: int, earlier: Sequence[Seen]) -> OpenTransaction | None:
    """The session as the last look saw it; None where it was no suspect, or nobody looked."""
    return next((one for one in earlier[-1].suspects if one.pid == pid), None) if earlier else None


def _blind(witnesses: Witnesses) -> Sequence[str]:
    return () if witnesses.transactions is not None else (witnesses.unseen,)


def _prepared(witnesses: Witnesses) -> Sequence[str]:
    """Its start can't be known: after a restart it is told as the restart's (M5)."""
    if all(one.session for one in witnesses.transactions or ()):
        return ()
    named = f"{', '.join(map(repr, witnesses.prepared))}: " if witnesses.prepared else ""
    return (
        f"prepared transaction (XA) without a session: {named}when its statements began can't be known; "
        "XA COMMIT or XA ROLLBACK ends it, XA RECOVER lists it",
    )


def _fed(witnesses: Witnesses) -> Iterator[str]:
    """Rows of another server come with times of their own, whoever is open here (R8)."""
    server = witnesses.server
    appliers = not server.members and any(session.applies for session in witnesses.sessions)
    if server.replica or server.read_only or appliers:
        why = "it applies another server's changes" if server.replica or appliers else "it is read_only"
        yield f"the server is a replica ({why}), where its primary's transactions can't be seen; name that as " \
            "seal_connection"  # fmt: skip


def _trusted(witnesses: Witnesses) -> Iterator[str]:
    if witnesses.server.members:
        yield witnesses.server.members
    if witnesses.server.replica is None:
        yield (
            "whether the server is the replica of another can't be seen; "
            f"GRANT {witnesses.server.grant} ON *.* TO {witnesses.server.account}"
        )


def _to_remember(witnesses: Witnesses, era: str, suspects: tuple[OpenTransaction, ...]) -> Seen | None:
    """Nothing, where not all was seen: who is missing would be taken for one who was not there."""
    if witnesses.transactions is None or len(suspects) > _REMEMBERED:
        return None
    return Seen(clock=witnesses.clock, server=witnesses.server.identity, era=era, suspects=suspects)


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
