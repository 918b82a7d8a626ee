"""Connections of the SQL ledger: how a transaction begins, and what a database's error means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import NullPool

from floodmark.errors import LedgerMissing, LedgerUnavailable, LedgerUnusable

BUSY_SECONDS = 30
"""So long a step waits for another's write before it says that the ledger is locked."""

_POSTGRES_BEGIN = f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'; SET LOCAL idle_in_transaction_session_timeout = '60s'"
_SQLITE_LATER = ("locked", "busy", "full", "disk I/O")
_POSTGRES_NEVER = {
    "42501": "grant the role CREATE and USAGE on its schema, and SELECT, INSERT, UPDATE on its floodmark_ tables",
    "42P01": "a table of the ledger is gone: restore it from a copy",
    "42703": "a column of the ledger is gone: restore it from a copy",
    "3D000": "create the database",
}


def place(url: URL) -> str:
    """Where a ledger is, for messages: without user, password or options."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database or ''}"
    return f"{url.get_backend_name()}://{url.host or ''}{f':{url.port}' if url.port else ''}/{url.database or ''}"


def engine_for(address: str | URL, *, create: bool = True) -> Engine:
    """An engine on which :func:`transaction` works. Nothing is opened yet, but with ``create`` SQLite's folder is made.

    Raises ``LedgerUnusable`` for an address that can't hold a ledger, ``LedgerMissing`` for a file that isn't there
    and is not to be created.
    """
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (sa.exc.ArgumentError, ValueError):
        raise LedgerUnusable("ledger: not a database URL; write sqlite:///path or postgresql+psycopg2://...") from None
    if backend == "sqlite":
        return _sqlite(url, create)
    if backend in ("postgresql", "postgres"):
        # Airflow writes either without a driver; which one SQLAlchemy then takes depends on its version.
        return _postgres(url if "+" in url.drivername else url.set(drivername="postgresql+psycopg2"))
    raise LedgerUnusable(
        f"ledger {place(url)}: {backend} can't hold it; use sqlite:///path or postgresql+psycopg2://..."
    )


def _sqlite(url: URL, create: bool) -> Engine:
    _writable(url, create)
    engine = sa.create_engine(
        url, future=True, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        # Python's driver would begin transactions by itself, and never one that takes the write lock first.
        connection.isolation_level = None
        # WAL's usual NORMAL may lose the last commits with the power: an intent must outlive its effect (R17).
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('floodmark_begin', 'DEFERRED')}")

    return engine


def _writable(url: URL, create: bool) -> None:
    name = url.database
    if not name or name == ":memory:" or name.startswith("file:"):
        raise LedgerUnusable("ledger: SQLite needs a file that outlives the process; write sqlite:///state/ledger.db")
    file = Path(name)
    if not create and not _is_there(file, url):
        raise LedgerMissing(place(url))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUnusable(
            f"ledger {place(url)}: its folder {file.parent} can't be made: {error.strerror}; "
            "make it, or set FLOODMARK_STATE, or write another place as ledger:"
        ) from None
    for path, kind in ((file, "file"), (file.parent, "folder")):
        if path.exists() and not os.access(path, os.W_OK):
            raise LedgerUnusable(
                f"ledger {place(url)}: the {kind} {path} can't be written by user id {os.geteuid()}; "
                "give it that permission (SQLite writes two files beside its own)"
            )
    if file.is_dir():
        raise LedgerUnusable(f"ledger {place(url)}: is a folder; name a file in it, as {file / 'ledger.db'}")


def _is_there(file: Path, url: URL) -> bool:
    """Whether there is such a file. Raises ``LedgerUnusable`` where nobody can say: then none is to be made."""
    try:
        file.stat()
    except FileNotFoundError:
        if file.is_symlink():
            said = f"{file} is a link to nothing; mount what it leads to, or take it away"
            raise LedgerUnusable(f"ledger {place(url)}: {said}") from None
        return False
    except OSError as error:
        remedy = "give this user the right to look there, or write another place as ledger:"
        raise LedgerUnusable(f"ledger {place(url)}: can't be looked for: {error.strerror}; {remedy}") from None
    return True


def _postgres(url: URL) -> Engine:
    engine = sa.create_engine(url, future=True, pool_size=1, max_overflow=8, pool_pre_ping=True, pool_recycle=300)

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(_POSTGRES_BEGIN)

    return engine


@contextmanager
def transaction(engine: Engine, begin: str = "DEFERRED") -> Iterator[Connection]:
    """One transaction. ``begin`` is SQLite's: ``IMMEDIATE`` to write, ``EXCLUSIVE`` to change the tables.

    Raises ``LedgerUnavailable`` and ``LedgerUnusable`` for the database's own errors; ``IntegrityError`` as it is.
    """
    try:
        with engine.connect().execution_options(floodmark_begin=begin) as connection, connection.begin():
            yield connection
    except sa.exc.IntegrityError:
        raise
    except sa.exc.DBAPIError as error:
        raise _meaning(engine.url, error) from error.orig


def _meaning(url: URL, error: sa.exc.DBAPIError) -> LedgerUnavailable | LedgerUnusable:
    said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    message = f"ledger {place(url)}: {said}"
    if url.get_backend_name() == "sqlite":
        if any(word in said for word in _SQLITE_LATER):
            return LedgerUnavailable(f"{message}; free the disk, or find who holds the file (a stopped process?)")
        return LedgerUnusable(f"{message}; name another file, or restore this one from a copy")
    code = getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None)
    if code in _POSTGRES_NEVER:
        return LedgerUnusable(f"{message}; {_POSTGRES_NEVER[code]}")
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError | sa.exc.InternalError):
        return LedgerUnavailable(f"{message}; check that the server runs and can be reached from here")
    return LedgerUnusable(f"{message}; the tables are not as this program made them: restore them from a copy")
