"""Reading on a standby what was looked for on its primary (R8): the standby must have replayed what the look covers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from floodmark.adapters.postgres.connect import rows
from floodmark.adapters.postgres.history import lsn_of, number, timeline_of
from floodmark.adapters.postgres.look import system_id
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.errors import SourceUnavailable

WAIT = timedelta(seconds=60)
_STEP = 0.1


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where the primary's log ended after a look: all that had committed by then lies before it."""

    lsn: str
    timeline: str


def primary_position(connection: Any) -> Position:
    """The primary's, by its insert LSN: the write LSN may lie before a commit that is visible already."""
    [(lsn, timeline, _)] = rows(
        connection, _statement("position", standby=False), "asking the primary where its log ends"
    )
    return Position(lsn=lsn, timeline=timeline)


def wait_for_replay(server: Any, where: str, look: Position | None, last: Snapshot | None) -> None:
    """Return once a standby has replayed what the look covers and what the table's last read saw; else at once.

    Raises:
        SourceUnavailable: it lags too far behind, or is on another timeline than the server that was looked at.
    """
    until = time.monotonic() + WAIT.total_seconds()
    while True:
        found = rows(server, _statement("replayed"), f"waiting to read {where}")
        [(standby, replayed, timeline, paused)] = found
        if look is not None and timeline and look.timeline and timeline != look.timeline:
            raise SourceUnavailable(
                f"{where}: the server is on timeline {int(timeline, 16)}, the one that was looked at on "
                f"{int(look.timeline, 16)}; seal_connection must be the primary that the connection's standby follows"
            )
        if not standby:
            return
        awaited = [look.lsn] if look is not None else []
        awaited += [lsn_of(last)] if last is not None and _same_history(server, last, timeline) else []
        missing = [lsn for lsn in awaited if number(lsn) > number(replayed)]
        if not missing:
            return
        if time.monotonic() > until:
            raise SourceUnavailable(
                f"{where}: the standby has not replayed {missing[0]}, where its primary stood, in "
                f"{WAIT.total_seconds():.0f} s; it is at {replayed}; {_remedy(paused=paused)}"
            )
        time.sleep(_STEP)


def _same_history(server: Any, last: Snapshot, timeline: str | None) -> bool:
    """Whether positions in the log mean the same as for ``last``: on another timeline they may never be reached."""
    if not lsn_of(last) or not last.server or not timeline or timeline != timeline_of(last):
        return False
    return system_id(server) == last.server


def _remedy(*, paused: bool) -> str:
    if paused:
        return "its replay is paused: SELECT pg_wal_replay_resume() there"
    return "it lags, or its replay waits for a long query there: see max_standby_streaming_delay"


def _statement(template: str, **values: Any) -> str:
    return sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
