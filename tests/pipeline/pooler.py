"""PgBouncer in front of a PostgreSQL server: every transaction may get another backend.

As a program it says where PgBouncer is, after installing it where it can, or fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import psycopg2

from floodmark.demo.servers.postgres import UNPRIVILEGED, Database
from floodmark.demo.servers.process import HOST, Server, free_port

SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = {own}
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
"""
PATH = "/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", os.defpath)


def program() -> str:
    """PgBouncer's program; by root it is installed from Debian's archive where it is missing."""
    found = shutil.which("pgbouncer", path=PATH)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "pgbouncer"]):
            subprocess.run(["apt-get", "-qq", *command], check=True, stdin=subprocess.DEVNULL)
        found = shutil.which("pgbouncer", path=PATH)
    assert found, "these tests need PgBouncer: run apt-get update and apt-get install -y pgbouncer, as root"
    return found


class Pooler(Server):
    """PgBouncer, pooling transactions over few backends."""

    name = "PgBouncer"
    stop_signal = signal.SIGINT
    death_signal = signal.SIGKILL

    def __init__(self, *, folder: Path, server: Database, size: int) -> None:
        super().__init__(log=folder / "pgbouncer.log")
        self.size = size
        self._folder, self._server, self._port = folder, server, free_port()

    def begin(self) -> None:
        """Write its files and launch it, without waiting."""
        settings, users = self._folder / "pgbouncer.ini", self._folder / "users.txt"
        users.write_text(f'"{self._server.user}" ""\n')
        settings.write_text(
            SETTINGS.format(
                host=self._server.host, port=self._server.port, own=HOST, listen=self._port, users=users, size=self.size
            )
        )
        user = UNPRIVILEGED if os.geteuid() == 0 else "-"
        self.launch([program(), "-q", settings], variables={"PATH": PATH}, user=user, cwd=self._folder)

    def probe(self) -> None:
        """Open a session of a backend."""
        with socket.create_connection((HOST, self._port), timeout=2):
            pass
        try:
            psycopg2.connect(self.dsn("postgres"), connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            raise ConnectionError(str(error)) from error

    def dsn(self, dbname: str) -> str:
        """How to reach a database through it."""
        return f"postgresql://{self._server.user}@{HOST}:{self._port}/{dbname}"


if __name__ == "__main__":
    print(program())
