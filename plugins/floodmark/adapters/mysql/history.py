"""Where in a server's history a snapshot stands, and what an earlier one still proves (R3, R10, R32; M19).

``Snapshot.place`` of this adapter has, each where the server told it:

| key | what |
| --- | --- |
| ``server`` | the server that was read; ``Snapshot.server`` is the one that was looked at, its primary |
| ``started`` | when it was started, UTC, give or take two seconds |
| ``lsn`` | where InnoDB's log ended just after the snapshot, in bytes |
| ``position`` | all transactions that it had applied, by their GTIDs |
| ``servers`` | of MariaDB: the last of each server's of these |

No row tells which transaction wrote it, so there is never a base: what is read again is read from the last watermark on
(M20).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from floodmark.adapters.mysql.positions import holds
from floodmark.adapters.mysql.server import Facts
from floodmark.core.ledger.snapshot import History, Snapshot

SERVER, STARTED, LSN, POSITION, SERVERS = "server", "started", "lsn", "position", "servers"
_SAME_START = timedelta(seconds=2)


def place(known: Facts, log: str) -> dict[str, str]:
    """A snapshot's place, as the server told it after the snapshot was taken; ``log`` is where that ended."""
    told = {
        SERVER: known.identity,
        STARTED: known.started.isoformat(timespec="seconds"),
        LSN: log,
        POSITION: known.position,
        SERVERS: known.servers,
    }
    return {name: value for name, value in told.items() if value}


def history(before: Snapshot, this: Snapshot) -> History:
    """What ``before`` still proves."""
    return History(voided=_voided(before, this), bases=False)


def _voided(before: Snapshot, this: Snapshot) -> str:
    servers = before.place.get(SERVER, ""), this.place.get(SERVER, "")
    positions = before.place.get(POSITION, ""), this.place.get(POSITION, "")
    if servers[0] and servers[1] and servers[0] != servers[1]:
        told = f"{positions[1]},{this.place.get(SERVERS, '')}"
        if all(positions) and holds(told, positions[0], by_server=True):
            return ""  # whatever the other had applied, this one has too
        return (
            f"the source went from server {servers[0]} to {servers[1]}, which does not show by GTIDs that it holds all "
            "that was read there"
        )
    if positions[0] and not holds(positions[1], positions[0]):
        return (
            f"the source's transactions end at {positions[1] or 'none'}, and ended at {positions[0]} when it was read: "
            "a backup was restored, or its binary log was reset"
        )
    logs = before.place.get(LSN, ""), this.place.get(LSN, "")
    if all(logs) and int(logs[1]) < int(logs[0]):
        return f"the source's log ends at {logs[1]}, before {logs[0]}, where it was read: an older backup was restored"
    if not before.durable and not _is_same_start(before, this):
        return "the source was started anew before all that the last read saw was known to be on disk"
    return ""


def _is_same_start(before: Snapshot, this: Snapshot) -> bool:
    starts = before.place.get(STARTED), this.place.get(STARTED)
    if not starts[0] or not starts[1]:
        return False
    return is_same_start(datetime.fromisoformat(starts[0]), datetime.fromisoformat(starts[1]))


def is_same_start(one: datetime, other: datetime) -> bool:
    """Whether two moments may be those of one start: each is the clock less whole seconds."""
    return abs(one - other) <= _SAME_START
