"""MariaDB on this machine, on TCP of 127.0.0.1 and needing no root; or any MySQL server, by its DSN.

Started by root, it runs as the user ``nobody``, and only its own folder is given to it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pymysql

from floodmark.demo.servers.mariadb_programs import prepared_data, programs
from floodmark.demo.servers.postgres import UNPRIVILEGED
from floodmark.demo.servers.process import HOST, Server, free_port

USER = "root"
BASE = {
    "innodb-buffer-pool-size": "64M",
    "innodb-log-file-size": "8M",
    "max-connections": "200",
    "max-allowed-packet": "16M",
    "character-set-server": "utf8mb4",
    "server-id": "1",
    "event-scheduler": "OFF",
    "skip-name-resolve": "ON",
    "innodb-fast-shutdown": "2",
}


@dataclass(frozen=True, kw_only=True)
class MySQLDatabase:
    """One database of a running server, and how to reach it; ``dbname`` empty is none of them."""

    host: str
    port: int
    dbname: str = ""
    user: str = USER
    password: str = ""

    @property
    def dsn(self) -> str:
        """As Floodmark takes it. It holds the password, if there is one."""
        login = quote(self.user, safe="") + (f":{quote(self.password, safe='')}" if self.password else "")
        return f"mysql://{login}@{self.host}:{self.port}/{quote(self.dbname, safe='')}"

    def connect(self, **options: Any) -> pymysql.Connection[Any]:
        """A new session, committing each statement by itself."""
        wanted: dict[str, Any] = {"charset": "utf8mb4", "autocommit": True, "database": self.dbname or None} | options
        return pymysql.connect(host=self.host, port=self.port, user=self.user, password=self.password, **wanted)

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements, each committed; the rows of the last."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def create_database(self, dbname: str) -> MySQLDatabase:
        """A new, empty database of the same server."""
        self.sql(f"CREATE DATABASE `{dbname}` CHARACTER SET utf8mb4")
        return replace(self, dbname=dbname)

    def drop_database(self, dbname: str) -> None:
        """Drop a database, ending the sessions that are in it: they would hold its tables."""
        server = replace(self, dbname="")
        sessions = server.sql(f"SELECT id FROM information_schema.processlist WHERE db = '{dbname}'")
        for (session,) in sessions:
            try:
                server.sql(f"KILL {session}")
            except pymysql.err.OperationalError:  # it has ended by itself
                continue
        server.sql(f"DROP DATABASE IF EXISTS `{dbname}`")


def by_dsn(dsn: str) -> MySQLDatabase:
    """The server that a DSN ``mysql://user:password@host:port/`` names."""
    parts = urlsplit(dsn)
    return MySQLDatabase(
        host=parts.hostname or HOST,
        port=parts.port or 3306,
        dbname=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or USER),
        password=unquote(parts.password or ""),
    )


class MariaDBServer(Server):
    """A MariaDB of its own, in ``folder``; its data survive ``stop`` and are used again by the next ``start``.

    ``settings`` are mariadbd's options over BASE, ``zone`` the machine's time zone as it sees it.
    """

    name = "MariaDB"
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGKILL

    def __init__(self, *, folder: Path, settings: Mapping[str, str] | None = None, zone: str = "UTC") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(log=folder / "mariadb.log")
        self.data = folder / "data"
        self.port = free_port()
        self._settings = {**BASE, **(settings or {})}
        self._user = UNPRIVILEGED if os.geteuid() == 0 else "-"
        self._zone = zone
        self._folder = folder

    def begin(self) -> None:
        """Copy the prepared data if the folder is new, and launch it, without waiting."""
        found = programs()
        if not self.data.exists():
            shutil.copytree(prepared_data(found), self.data)
            self._give_folders()
        own = {"basedir": found.base, "datadir": self.data, "tmpdir": self.data, "port": self.port}
        own |= {"bind-address": HOST, "socket": self.data / "m.sock", "pid-file": self.data / "m.pid"}
        options = [f"--{key}={value}" for key, value in {**self._settings, **own}.items()]
        variables = {**found.variables, "TZ": self._zone}
        command: list[str | Path] = [found.path("mariadbd"), "--no-defaults", *options]
        self.launch(command, variables=variables, user=self._user, cwd=self.data)

    def probe(self) -> None:
        """Open a session."""
        try:
            self.database().connect(connect_timeout=5).close()
        except pymysql.err.OperationalError as error:
            raise ConnectionError(str(error)) from error

    def database(self, dbname: str = "") -> MySQLDatabase:
        """How to reach the database ``dbname``."""
        return MySQLDatabase(host=HOST, port=self.port, dbname=dbname)

    def _give_folders(self) -> None:
        """Let the user that MariaDB runs as reach its data."""
        if self._user == "-":
            return
        entry = pwd.getpwnam(self._user)
        for path in (self.data, *self.data.rglob("*")):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        self._folder.chmod(self._folder.stat().st_mode | 0o011)
