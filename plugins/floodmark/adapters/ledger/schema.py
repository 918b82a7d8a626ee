"""The ledger's layout: found, made and brought up to date when a ledger is opened.

A current ledger costs one SELECT. Alembic is imported only where there is something to do.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from floodmark.adapters.ledger import tables
from floodmark.adapters.ledger.engine import BUSY_SECONDS, place, transaction
from floodmark.core.sql import PACKAGE
from floodmark.errors import LedgerMissing, LedgerUnavailable, LedgerUnusable

REVISIONS = "floodmark_revision"
"""Alembic's own table."""

_LOCK = 0x466C6F6F646D61  # "Floodma", for pg_advisory_xact_lock


def folder() -> Path:
    """Where the migrations lie: inside the installed package, else in the checkout."""
    shipped = PACKAGE / "migrations"
    return shipped if shipped.is_dir() else PACKAGE.parent.parent / "state" / "migrations"


def opened(engine: Engine, *, create: bool = True) -> UUID:
    """The ledger's uuid, after its layout was made (with ``create``) or brought up to date.

    Raises ``LedgerUnusable`` where it is newer than this program, or isn't a ledger; ``LedgerMissing`` where there is
    none and none is to be created.
    """
    with transaction(engine) as connection:
        layout = _found(connection, place(engine.url))
    if layout is None and not create:
        raise LedgerMissing(place(engine.url))
    if layout is None or layout[1] < tables.VERSION:
        layout = _upgraded(engine)
    return layout[0]


def _found(connection: Connection, where: str) -> tuple[UUID, int] | None:
    """The ledger's uuid and layout; None where there is none yet."""
    ours = sa.inspect(connection).has_table(tables.ledger.name)
    rows = connection.execute(sa.select(tables.ledger.c.uuid, tables.ledger.c.version)).all() if ours else []
    if not rows:
        _refuse_others(connection, where, ours=ours)
        return None
    if len(rows) > 1:
        raise LedgerUnusable(f"ledger {where}: {len(rows)} rows in {tables.ledger.name}, not one; restore a copy")
    uuid, version = rows[0]
    if version > tables.VERSION:
        raise LedgerUnusable(
            f"ledger {where}: its layout is {version}, this program knows up to {tables.VERSION}; "
            "a newer Floodmark has upgraded it: upgrade this one"
        )
    return UUID(uuid), version


def _refuse_others(connection: Connection, where: str, *, ours: bool) -> None:
    names = sa.inspect(connection).get_table_names()
    if ours:
        raise LedgerUnusable(f"ledger {where}: {tables.ledger.name} is empty; restore the ledger from a copy")
    # A schema of a PostgreSQL server may hold other things beside our prefix; a SQLite file is ours alone.
    others = [name for name in names if name != REVISIONS]
    if others and connection.dialect.name == "sqlite":
        raise LedgerUnusable(
            f"ledger {where}: not a ledger, it holds the tables {', '.join(sorted(others)[:5])}; name another file"
        )


def _upgraded(engine: Engine) -> tuple[UUID, int]:
    """Bring the layout up to date, one process at a time."""
    where = place(engine.url)
    if engine.dialect.name == "sqlite":
        _write_ahead(engine)
    with transaction(engine, "EXCLUSIVE") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        layout = _found(connection, where)
        if layout is None or layout[1] < tables.VERSION:
            migrate(connection, "head")
            layout = _found(connection, where)
    if layout is None:
        raise LedgerUnusable(f"ledger {where}: the migrations in {folder()} made no ledger; install Floodmark again")
    return layout


def _write_ahead(engine: Engine) -> None:
    """Readers beside a writer. It is kept in the file; SQLite doesn't wait for its lock, so we do."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
            return
        except engine.dialect.dbapi.OperationalError as error:  # type: ignore[union-attr]
            if time.monotonic() > until:
                raise LedgerUnavailable(f"ledger {place(engine.url)}: {error}; find who holds the file") from error
            time.sleep(0.02)
        except engine.dialect.dbapi.DatabaseError as error:  # type: ignore[union-attr]
            raise LedgerUnusable(f"ledger {place(engine.url)}: {error}; name another file") from error
        finally:
            connection.close()


def migrate(connection: Connection, revision: str) -> None:
    """Run the migrations up or down to ``revision`` inside the connection's transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    _command(config, connection, revision)


def _command(config: Any, connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.migration import MigrationContext

    at = MigrationContext.configure(connection, opts={"version_table": REVISIONS}).get_current_revision()
    down = revision == "base" or (revision != "head" and at is not None and revision < at)
    (command.downgrade if down else command.upgrade)(config, revision)
