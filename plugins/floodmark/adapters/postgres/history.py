"""Where in PostgreSQL's history a snapshot stands, and what an earlier one still proves (R3, R10).

``Snapshot.place`` of this adapter has, each where the server told it:

| key | what |
| --- | --- |
| ``timeline`` | the timeline, eight hexadecimal digits as in the names of WAL files |
| ``lsn`` | where the log ended just after the snapshot |
| ``era`` | when the background writer's statistics were last reset, as after every crash |
"""

from __future__ import annotations

from floodmark.core.ledger.read import History, Snapshot

TIMELINE, LSN, ERA = "timeline", "lsn", "era"


def place(*, timeline: str, lsn: str, era: str) -> dict[str, str]:
    """A snapshot's place; what is empty is unknown, and left out."""
    told = {TIMELINE: timeline, LSN: lsn, ERA: era}
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
    if not before.durable and not _is_same_era(before, this):
        return "the source crashed before all that the last read saw was known to be on disk"
    return ""


def _is_known(snapshot: Snapshot) -> bool:
    return bool(snapshot.server and timeline_of(snapshot))


def _is_same_era(before: Snapshot, this: Snapshot) -> bool:
    era = before.place.get(ERA, "")
    return bool(era) and era == this.place.get(ERA)
