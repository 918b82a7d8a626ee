"""What a table's history needs to know and raw can't tell: when current was renewed, and since when its key is one.

Raw has what each read saw. A row that a read of the whole table didn't find left current by that, and raw has no row
that says so; hence the ledger does. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from floodmark.core.ledger.portion import Whole
from floodmark.core.ledger.read import Read

KEPT = 500
"""So many renewals are remembered. Where an older one is forgotten, what left by it is seen to leave by the next."""


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """At ``at`` what no read since ``since`` had seen left current; both are ``read_at`` of reads (UTC).

    ``each``: every read of raw from ``since`` to ``at`` renewed it so by itself, as a table without a cursor does.
    """

    since: datetime
    at: datetime
    each: bool = False


@dataclass(frozen=True, kw_only=True)
class Versions:
    """``view`` is the history's view as the last run left it (``project.dataset.table``), empty where there is none.

    ``since`` is the first read under the key of now, None where it never had another: older rows of raw tell nothing of
    its rows. ``renewals`` are in order, the newest last.
    """

    view: str = ""
    since: datetime | None = None
    renewals: tuple[Renewal, ...] = ()


NO_VERSIONS = Versions()


def versions_after(before: Versions, last: Read | None, read: Read) -> Versions:
    """The same once ``read`` is applied. ``last`` is the read before it, in the names of now."""
    if last is not None and last.key != read.key:
        before = replace(before, since=read.read_at, renewals=())
    if not read.key or not read.portion.renewed or _stands(read):
        return before
    newest = Renewal(since=read.portion.sweeps or read.read_at, at=read.read_at, each=_each(read))
    older = before.renewals
    if newest.each and older and older[-1].each:
        newest, older = replace(older[-1], at=newest.at), older[:-1]
    return replace(before, renewals=(*older, newest)[-KEPT:])


def _each(read: Read) -> bool:
    """Whether raw itself shows it: a table without slices is read whole each time, and it has rows."""
    return isinstance(read.portion, Whole) and not read.spans and read.rows > 0


def _stands(read: Read) -> bool:
    """Whether it found what current holds, and so was never loaded (R23)."""
    return read.portion.repeats and read.rows > 0 and not read.effects
