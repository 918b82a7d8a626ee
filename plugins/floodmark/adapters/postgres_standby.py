"""Reading on a standby what was looked for on its primary (R8): the standby must have replayed what the look covers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from floodmark.adapters.postgres_connect import rows
from floodmark.adapters.postgres_quote import literal, name
from floodmark.core import sql
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
    [(lsn, timeline)] = rows(connection, _statement("position", standby=False), "asking the primary where its log ends")
    return Position(lsn=lsn, timeline=timeline)


def wait_for_replay(standby: Any, position: Position, where: str) -> None:
    """Return once the standby has replayed the log up to there; at once on a server that is none.

    Raises:
        SourceUnavailable: it lags too far behind, or follows another timeline.
    """
    until = time.monotonic() + WAIT.total_seconds()
    while True:
        [(replayed, timeline)] = rows(standby, _statement("replayed", lsn=position.lsn), f"waiting to read {where}")
        if timeline and position.timeline and int(timeline) != int(position.timeline, 16):
            raise SourceUnavailable(
                f"{where}: the standby follows timeline {timeline}, its primary is on {int(position.timeline, 16)}; "
                "seal_connection must be the primary that it follows"
            )
        if replayed:
            return
        if time.monotonic() > until:
            raise SourceUnavailable(
                f"{where}: the standby has not replayed {position.lsn}, where the primary stood when it was looked "
                f"at, in {WAIT.total_seconds():.0f} s; it lags, or its replay waits for a long query there"
            )
        time.sleep(_STEP)


def _statement(template: str, **values: Any) -> str:
    return sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
