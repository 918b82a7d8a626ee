"""Where in the source's history a read stands, and which physical tables it touched."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A physical table that a read touched: rows may arrive with a whole one (R11). ``id`` is the source's own.

    ``storage`` is the source's id of where its rows lie: another one means that they were rewritten, or emptied (R32).
    """

    id: int
    kind: str
    access_method: str = ""
    name: str = ""
    storage: str = ""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Where in the source's history a read stands.

    ``base`` is the id that no transaction in progress at the snapshot, and no later one, lies below (R10); None where
    the source has no such thing. ``server`` names the database server as a look does; empty where it is unknown.
    ``durable`` False: what it saw was not known to be on disk when the read ended (R3).
    ``place`` is the source's own account of where it stood: its adapter writes it, and it alone reads it again, to say
    what of the snapshot still holds (:meth:`~floodmark.core.ports.Source.history`). A key that is not there is unknown.
    """

    base: int | None = None
    server: str = ""
    durable: bool = True
    place: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class History:
    """What an earlier snapshot still proves, now that a later one was taken.

    ``voided`` says why rows that it saw may not exist any more, so that the whole table is to be read and replaced;
    empty where all that it saw stands (R3, R10). ``bases`` False: ids of transactions can't be compared across the two,
    so what was read since is told by no base.
    """

    voided: str = ""
    bases: bool = True
