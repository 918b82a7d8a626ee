"""Where in PostgreSQL's history a snapshot stands, and what an earlier one still proves (R3, R10, R32).

``Snapshot.place`` of this adapter has, each where the server told it:

| key | what |
| --- | --- |
| ``timeline`` | the timeline, eight hexadecimal digits as in the names of WAL files |
| ``lsn`` | where the log ended just after the snapshot |
| ``era`` | when the background writer's statistics were last reset, as after every crash |
| ``database`` | the oid of the database |
| ``next`` | on a primary: the id that no transaction had begun with, in 64 bits |

A backup that was restored bears its cluster's identifier, and may go on with its timeline: its log and its ids begin
again where they were (*tried*: what was undone by it stayed in current for ever).
"""

from __future__ import annotations

from floodmark.core.ledger.snapshot import History, Snapshot

TIMELINE, LSN, ERA, DATABASE, NEXT = "timeline", "lsn", "era", "database", "next"


def place(*, timeline: str, lsn: str, era: str, database: str = "", following: str = "") -> dict[str, str]:
    """A snapshot's place; what is empty is unknown, and left out."""
    told = {TIMELINE: timeline, LSN: lsn, ERA: era, DATABASE: database, NEXT: following}
    return {name: value for name, value in told.items() if value}


def timeline_of(snapshot: Snapshot) -> str:
    """Its timeline; empty where it is unknown."""
    return snapshot.place.get(TIMELINE, "")


def lsn_of(snapshot: Snapshot) -> str:
    """Where the log ended; empty where it is unknown."""
    return snapshot.place.get(LSN, "")


def history(before: Snapshot, this: Snapshot) -> History:
    """What ``before`` still proves. Ids of transactions are compared on one timeline of one cluster only."""
    return History(voided=_voided(before, this), bases=_is_known(before) and _is_known(this))


def _voided(before: Snapshot, this: Snapshot) -> str:
    if _is_known(before) and _is_known(this):
        if before.server != this.server:
            return f"the source went from cluster {before.server} to {this.server}"
        if timeline_of(before) != timeline_of(this):
            earlier, later = (int(timeline_of(one), 16) for one in (before, this))
            return f"the source went from timeline {earlier} to {later}; what was read since may be void"
        if went_back := _went_back(before, this):
            return went_back
    if not before.durable and not _is_same_era(before, this):
        return "the source crashed before all that the last read saw was known to be on disk"
    return ""


def _went_back(before: Snapshot, this: Snapshot) -> str:
    """Why it can't be the database that was read, though cluster and timeline are the same (R32)."""
    databases = before.place.get(DATABASE), this.place.get(DATABASE)
    if all(databases) and databases[0] != databases[1]:
        return f"the connection leads to another database of the cluster: oid {databases[1]}, not {databases[0]}"
    logs = lsn_of(before), lsn_of(this)
    if all(logs) and number(logs[1]) < number(logs[0]):
        return f"the source's log ends at {logs[1]}, before {logs[0]}, where it was read: an older backup was restored"
    ids = before.place.get(NEXT), this.place.get(NEXT)
    if ids[0] and ids[1] and int(ids[1]) < int(ids[0]):
        return f"the source's next transaction is {ids[1]}, and was {ids[0]} when it was read: a backup was restored"
    return ""


def number(lsn: str) -> int:
    """A place in the log as a number of bytes."""
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)


def _is_known(snapshot: Snapshot) -> bool:
    return bool(snapshot.server and timeline_of(snapshot))


def _is_same_era(before: Snapshot, this: Snapshot) -> bool:
    era = before.place.get(ERA, "")
    return bool(era) and era == this.place.get(ERA)
