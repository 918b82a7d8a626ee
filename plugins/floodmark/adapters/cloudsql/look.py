"""The look (R4, R5) by one statement, and with it where the database stands (R10, R32).

Its place is that of :mod:`floodmark.adapters.postgres.history`, and of two words more: ``started``, when the server
began to run, and ``looked``, when the look was over: what an export must come after, on the same server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floodmark.adapters.cloudsql.asking import OLDEST, Asking
from floodmark.adapters.postgres import history
from floodmark.adapters.postgres.look import look_of
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ledger.watermark import Look
from floodmark.core.time.interval import utc
from floodmark.errors import FatalError, SourceRefused

STARTED, LOOKED = "started", "looked"
_COLUMNS = (
    "clock", "standby", "sees_all", "subscriber", "role", "sessions", "prepared", "xmin", "xmax", "system", "lsn",
    "timeline", "era", "database", "started", "done",
)  # fmt: skip
_DOING = "looking at the source's open transactions"


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A look, and the snapshot that every export after it is not older than."""

    look: Look
    snapshot: Snapshot


def look(asking: Asking) -> Looked:
    """Which transactions are open, and where the database stands. Raises ``SourceUnavailable``, ``SourceRefused``."""
    statement = sql.render("cloudsql/look.sql", {}, quote=name, literal=literal)
    try:
        [[row]] = asking.ask([statement], doing=_DOING)
    except FatalError:
        _require_version(asking)
        raise
    _require_version(asking)  # last, as an export tells it along with the look
    return as_looked(dict(zip(_COLUMNS, row, strict=True)))


def _require_version(asking: Asking) -> None:
    if asking.server_version < OLDEST:
        raise SourceRefused(f"adapter: cloudsql needs PostgreSQL 14 or newer, this one is {asking.server_version}")


def as_looked(row: Mapping[str, Any]) -> Looked:
    """What the one row of the look means."""
    found = look_of(
        (moment(row["clock"]), row["standby"], row["sees_all"], row["subscriber"], row["role"]),
        [_session(*session) for session in row["sessions"] or ()],
        [(gid, owner, where, moment(at)) for gid, owner, where, at in row["prepared"] or ()],
        row["system"] or "",
    )
    place = history.place(
        timeline=row["timeline"] or "", lsn=row["lsn"] or "", era=row["era"], database=row["database"],
        following=row["xmax"],
    )  # fmt: skip
    place |= {STARTED: row["started"], LOOKED: moment(row["done"]).isoformat()}
    return Looked(look=found, snapshot=Snapshot(base=int(row["xmin"]), server=row["system"] or "", place=place))


def moment(text: str) -> datetime:
    """A moment as JSON has it, in UTC."""
    return utc(datetime.fromisoformat(text))


def _session(pid: int, began: str | None, transaction: str | None, query: str | None, *rest: Any) -> tuple[Any, ...]:
    """A session as ``look_sessions.sql`` has it."""
    return (pid, *(moment(one) if one else None for one in (began, transaction, query)), *rest)
