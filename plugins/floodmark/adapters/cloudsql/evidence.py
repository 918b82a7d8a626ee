"""What an export says of itself, and what that proves: all of it pure.

A plain export's rows are what a look before them says (R4, *proved*) where its transaction began after the look, on
the same running server, with no row hidden from it and no table changed under it. Else it is not believed: another
attempt is made, or somebody is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from floodmark.adapters.cloudsql.look import LOOKED, STARTED, moment
from floodmark.adapters.cloudsql.unspoiled import read, require_set, spoiled
from floodmark.adapters.postgres.history import NEXT, TIMELINE, number
from floodmark.adapters.postgres.quote import name
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.errors import FloodmarkError, SourceRefused, SourceUnavailable

OFFLOADED = (
    "it was read from a temporary copy of the instance (offload), and as of when that was made is not documented"
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The first line of an export."""

    told: Mapping[str, Any]

    @property
    def lsn(self) -> str:
        """Where the log ended, after the snapshot; empty where it is not told."""
        return str(self.told.get("lsn") or "")

    @property
    def catalog(self) -> str:
        """The digest of the catalog that its snapshot saw; empty where it was not asked for."""
        return str(self.told.get("catalog") or "")

    @property
    def columns(self) -> str:
        """The digest of the table's columns where an offloaded export read it."""
        return str(self.told.get("columns") or "")


def evidence(line: str, look: Snapshot, where: str, *, offload: bool) -> Evidence:
    """The first line, believed. ``look`` is the snapshot of the look that came before.

    Raises:
        SourceUnavailable: it proves nothing, and another attempt may.
        SourceRefused: no attempt can.
    """
    told = read(line, where)
    if error := spoiled(told) or _hidden(told) or _moved(told, look, offload=offload):
        raise type(error)(f"{where}: {error}")
    return Evidence(told=told)


def believed_end(line: str, where: str) -> str:
    """Where the log was flushed at the end of the rows. Raises ``SourceRefused`` where the settings didn't stand."""
    told = json.loads(line)
    require_set(told.get("set"), where)
    return str(told.get("flushed") or "")


def is_flushed(lsn: str, flushed: str) -> bool:
    """Whether the log was on disk up to ``lsn`` (R3)."""
    return bool(lsn and flushed) and number(flushed) >= number(lsn)


def _hidden(told: Mapping[str, Any]) -> FloodmarkError | None:
    """Whether rows are hidden, or were lost to a change of the table (R1, R2)."""
    held = told["held"]
    if refused := refused_rows(held, str(told["user"])):
        return refused
    if held["bad"] or not held["all"]:
        return SourceUnavailable(
            f"{held['bad']} of its {held['all']} physical tables were changed (ALTER, TRUNCATE, a swap) between the "
            "export's snapshot and its lock, so rows may be missing (R1); it is exported again later"
        )
    if told.get("renamed"):
        return SourceUnavailable(
            f"{told['renamed']} of its columns changed between the export's snapshot and its lock (R1); it is exported "
            "again later"
        )
    return None


def refused_rows(held: Mapping[str, Any], user: str) -> SourceRefused | None:
    """Whether row-level security may hide rows from ``user`` (R2). Under a view it is its owner whom that concerns."""
    if held["views"] and held["secured"]:
        return SourceRefused(
            f"row-level security of {', '.join(held['secured'])}, behind the view, may hide rows (R2): read the tables "
            "themselves, or ALTER TABLE ... DISABLE ROW LEVEL SECURITY"
        )
    filtered: Sequence[str] = held["filtered"]
    if not filtered:
        return None
    called, role = name(f"floodmark {user}"), name(user)
    policies = "; ".join(f"CREATE POLICY {called} ON {one} TO {role} USING (true)" for one in filtered)
    return SourceRefused(
        f"row-level security of {', '.join(filtered)} may hide rows from {user} (R2): {policies}; and have no "
        "restrictive policy there"
    )


def _stale(told: Mapping[str, Any], look: Snapshot) -> SourceUnavailable | None:
    """Whether a copy can't hold all that the look saw: the ids of its transactions don't reach so far.

    That they do proves nothing, as it takes some of its own.
    """
    if told["system"] != look.server or int(told["following"]) >= int(look.place.get(NEXT, 0)):
        return None
    return SourceUnavailable(
        "the copy of the instance (offload) is older than the look, rows may be missing; the next try has another made"
    )


def _moved(told: Mapping[str, Any], look: Snapshot, *, offload: bool) -> FloodmarkError | None:
    """Whether it was read elsewhere than where the look was taken, or before that (R4)."""
    if offload:
        return _stale(told, look)
    if told["standby"]:
        return SourceRefused("the export was read from a standby, where nothing is proved (R8): name the primary")
    here = (told["system"], told["timeline"], moment(told["started"]))
    there = (look.server, look.place.get(TIMELINE), moment(look.place[STARTED]))
    if here != there:
        return SourceUnavailable(
            f"the look was taken on one server {there[:2]}, running since {there[2]:%H:%M:%S}, and the export read "
            f"from another {here[:2]}, running since {here[2]:%H:%M:%S}: a restart or a failover came between; the "
            "next try looks again"
        )
    if moment(told["began"]) <= moment(look.place[LOOKED]):
        return SourceUnavailable(
            "the export began before the look ended, so nothing is proved; the next try looks again"
        )
    return None
