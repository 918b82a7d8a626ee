"""Reading on a replica what was looked for on its primary (R8): it must have applied what the look covers (M18)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from floodmark.adapters.mysql.positions import holds
from floodmark.adapters.mysql.server import Facts, facts
from floodmark.errors import SourceUnavailable

WAIT = timedelta(seconds=60)
_STEP = 0.2
_ADDED = timedelta(seconds=1)
"""MySQL adds a transaction to gtid_executed after it can be seen: so long is waited for that."""
UNPROVED = (
    "without GTIDs nobody can tell whether the replica has applied all that the look at its primary saw: turn "
    "gtid_mode on, or read the primary"
)


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a primary's binary log ended after a look: all that could be seen by then lies before it.

    ``gtids`` is empty where it has none.
    """

    server: str
    gtids: str


def primary_position(connection: Any) -> Position:
    """The primary's, right after a look."""
    known = facts(connection, "asking the primary where its binary log ends")
    if not known.mariadb and known.position:
        time.sleep(_ADDED.total_seconds())
        known = facts(connection, "asking the primary where its binary log ends")
    return Position(server=known.identity, gtids=written(known))


def written(known: Facts) -> str:
    """MariaDB's current position is that of its own writes too, but not before they are in the binary log."""
    return known.variables.get("gtid_binlog_pos", "") if known.mariadb else known.position


def wait_for_changes(server: Any, where: str, look: Position | None) -> Facts:
    """Return once the server has applied what the look covers; the table's last read saw no more, or it is lost.

    At once where it is the server that was looked at. Raises ``SourceUnavailable`` where it lags too far behind.
    """
    until = time.monotonic() + WAIT.total_seconds()
    while True:
        known = facts(server, f"waiting to read {where}")
        if look is None or look.server == known.identity or holds(known.position, look.gtids):
            return known
        if time.monotonic() > until:
            raise SourceUnavailable(
                f"{where}: the replica has not applied {look.gtids}, where its primary stood, in "
                f"{WAIT.total_seconds():.0f} s; it is at {known.position or 'no position'}; see SHOW REPLICA STATUS"
            )
        time.sleep(_STEP)
