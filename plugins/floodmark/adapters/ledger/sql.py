"""The ledger in a SQL database: a SQLite file for one machine, or PostgreSQL.

Runs on SQLAlchemy 1.4 (``future=True``) and 2.x, without its ORM.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from floodmark.adapters.ledger import tables
from floodmark.adapters.ledger.engine import engine_for, place, transaction
from floodmark.adapters.ledger.rows import effect_row, head_of, head_row, read_of, read_row
from floodmark.adapters.ledger.schema import opened
from floodmark.core.ledger.head import CLOSED, Head, fresh
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.swap import check_swap
from floodmark.core.ports import Conflict
from floodmark.errors import LedgerUnavailable, LedgerUnusable

_CLOSED = tuple(state.value for state in CLOSED)
_TOGETHER = 500
"""Heads of one statement: SQLite binds no more than 999 values in some builds."""


class SqlLedger:
    """A ledger at ``sqlite:///path`` or ``postgresql+psycopg2://...``; brought up to date when opened,
    and with ``create`` made where it is missing.

    Safe with several processes and threads. Not to be carried over a fork: open one on each side.
    Raises ``LedgerUnusable``, ``LedgerUnavailable`` and ``LedgerMissing``.
    """

    def __init__(self, url: str | URL, *, create: bool = True) -> None:
        self._engine = engine_for(url, create=create)
        try:
            self._uuid = opened(self._engine, create=create)
        except BaseException:
            self.close()
            raise

    @property
    def uuid(self) -> UUID:
        """The ledger's own name (R19)."""
        return self._uuid

    def __str__(self) -> str:
        """Where it is, without secrets."""
        return place(self._engine.url)

    def targets(self) -> Sequence[str]:
        """Every target that has a head, in order."""
        with transaction(self._engine) as connection:
            return list(connection.execute(sa.select(tables.head.c.target).order_by(tables.head.c.target)).scalars())

    def head(self, target: str) -> Head:
        """The stored head; a fresh one where there is none. One statement, so that it is of one moment."""
        return self.heads([target])[0]

    def heads(self, targets: Sequence[str]) -> Sequence[Head]:
        """Those of several targets, one statement for :data:`_TOGETHER` of them."""
        stored: dict[str, Head] = {}
        for at in range(0, len(targets), _TOGETHER):
            stored |= self._some_heads(targets[at : at + _TOGETHER])
        return [stored.get(target) or fresh(target, self._uuid) for target in targets]

    def _some_heads(self, targets: Sequence[str]) -> dict[str, Head]:
        """The stored ones of these targets."""
        with transaction(self._engine) as connection:
            rows = connection.execute(_HEADS, {"targets": list(targets)}).mappings().all()
        of: dict[str, list[Any]] = {}
        for row in rows:
            of.setdefault(row["floodmark_head.target"], []).append(row)
        return {target: self._head_of(rows) for target, rows in of.items()}

    def _head_of(self, rows: Sequence[Any]) -> Head:
        """The head of one target: a row for each effect of its open read, one where there is none."""
        head, read, effect = tables.head, tables.read, tables.effect
        if rows[0]["floodmark_head.open_read"] is None:
            return head_of(_part(rows[0], head), None)
        if rows[0]["floodmark_read.target"] is None:
            target = rows[0]["floodmark_head.target"]
            raise LedgerUnusable(f"ledger {self}: the open read of {target} is gone; restore the ledger from a copy")
        effects = [_part(row, effect) for row in rows if row["floodmark_effect.target"] is not None]
        return head_of(_part(rows[0], head), read_of(_part(rows[0], read), effects))

    def swap(self, old: Head, new: Head, closed: Read | None = None) -> None:
        """Store ``new`` and ``closed`` if the stored version is still ``old.version``, or nothing at all.

        Raises ``Conflict``; ``Unlawful`` where a read would get lost.
        """
        check_swap(old, new, closed)
        try:
            with transaction(self._engine, "IMMEDIATE") as connection:
                _move(connection, old, new)
                for read in (closed, new.open):
                    if read is not None and read != old.open:
                        _write(connection, old.open, read)
        except LedgerUnavailable:
            # The answer to a COMMIT may be lost on its way, the COMMIT is not: see what is stored.
            if not self._stored(new):
                raise

    def _stored(self, new: Head) -> bool:
        try:
            return self.head(new.target) == new
        except LedgerUnavailable:
            return False

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        """Closed reads with their effects, in order of ``read_at``; the newest so many only."""
        read, effect = tables.read, tables.effect
        chosen = sa.select(read).where(read.c.target == target, read.c.state.in_(_CLOSED))
        chosen = chosen.order_by(read.c.read_at.desc())
        if newest is not None:
            chosen = chosen.limit(newest)
        with transaction(self._engine) as connection:
            rows = connection.execute(chosen).mappings().all()[::-1]
            if not rows:
                return []
            # A closed read never changes, so a second statement sees the same effects of these.
            statement = sa.select(effect).where(effect.c.target == target, effect.c.read_at >= rows[0]["read_at"])
            effects = connection.execute(statement).mappings().all()
        of: dict[Any, list[Any]] = {}
        for one in effects:
            of.setdefault(one["read_at"], []).append(one)
        return [read_of(dict(row), of.get(row["read_at"], ())) for row in rows]

    def close(self) -> None:
        """Give every connection back."""
        self._engine.dispose()


def _heads() -> Any:
    """The heads of the ``targets``, each beside its open read and the effects of that: a row for each effect."""
    head, read, effect = tables.head, tables.read, tables.effect
    joined = head.outerjoin(read, (read.c.target == head.c.target) & (read.c.read_at == head.c.open_read)).outerjoin(
        effect, (effect.c.target == head.c.target) & (effect.c.read_at == head.c.open_read)
    )
    columns = [column.label(f"{table.name}.{column.name}") for table in (head, read, effect) for column in table.c]
    return sa.select(*columns).select_from(joined).where(head.c.target.in_(sa.bindparam("targets", expanding=True)))


def _at(table: sa.Table, *names: str) -> list[Any]:
    """The row whose columns of these names are given as ``at_name``."""
    return [table.c[name] == sa.bindparam(f"at_{name}") for name in names]


# Made once: SQLAlchemy then compiles each text once a process. What is set are the columns that are given.
_HEADS = _heads()
_EFFECT_KEY = ("target", "read_at", "step", "attempt")
_HEAD = tables.head.update().where(*_at(tables.head, "target", "version"))
_NEW_HEAD = tables.head.insert()
_READ = tables.read.update().where(*_at(tables.read, "target", "read_at"), tables.read.c.state.not_in(_CLOSED))
_NEW_READ = tables.read.insert()
_EFFECT = tables.effect.update().where(*_at(tables.effect, *_EFFECT_KEY))
_NEW_EFFECT = tables.effect.insert()


def _part(row: Any, table: sa.Table) -> dict[str, Any]:
    return {column.name: row[f"{table.name}.{column.name}"] for column in table.c}


def _move(connection: Connection, old: Head, new: Head) -> None:
    """The compare-and-swap itself: one conditional statement (R14)."""
    conflict = Conflict(f"{new.target}: the ledger's head is no longer at version {old.version}")
    if old.version == 0:
        try:
            connection.execute(_NEW_HEAD, {"target": new.target, **head_row(new, None)})
        except sa.exc.IntegrityError:
            raise conflict from None
        return
    place = {"at_target": new.target, "at_version": old.version}
    if connection.execute(_HEAD, {**place, **head_row(new, old)}).rowcount != 1:
        raise conflict


def _write(connection: Connection, before: Read | None, read: Read) -> None:
    """Insert or update an open read, or close it; a closed one stays as it is."""
    row = read_row(read)
    if connection.execute(_READ, {"at_target": read.target, "at_read_at": read.read_at, **row}).rowcount == 0:
        try:
            connection.execute(_NEW_READ, row)
        except sa.exc.IntegrityError:
            raise LedgerUnusable(
                f"{read.target}: the read {read.read_at.isoformat()} is closed already, yet its head has it open; "
                "restore the ledger from a copy"
            ) from None
    written = before.effects if before is not None and before.read_at == read.read_at else ()
    for position, effect in enumerate(read.effects):
        if effect not in written:
            _write_effect(connection, effect_row(read, position, effect))


def _write_effect(connection: Connection, row: dict[str, Any]) -> None:
    if connection.execute(_EFFECT, {**{f"at_{name}": row[name] for name in _EFFECT_KEY}, **row}).rowcount == 0:
        connection.execute(_NEW_EFFECT, row)
