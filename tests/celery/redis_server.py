"""A Redis server on this machine, which Celery's workers take their work from: nothing of it is kept.

As a program it says where Redis is, after installing it where it can, or fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from floodmark.demo.servers.process import HOST, Server, free_port


def program() -> str:
    """Redis' program; by root it is installed from Debian's archive where it is missing, and not left running."""
    found = shutil.which("redis-server")
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        unstarted = {**os.environ, "RUNLEVEL": "1"}  # Debian's package would start a server of its own
        for command in (["update"], ["install", "-y", "redis-server"]):
            subprocess.run(["apt-get", "-qq", *command], check=True, stdin=subprocess.DEVNULL, env=unstarted)
        found = shutil.which("redis-server")
    assert found, "these tests need Redis: run apt-get update and apt-get install -y redis-server, as root"
    return found


class RedisServer(Server):
    """Redis, in memory only."""

    name = "Redis"
    stop_signal = signal.SIGTERM

    def __init__(self, *, folder: Path) -> None:
        super().__init__(log=folder / "redis.log")
        self._folder, self._port = folder, free_port()
        self.url = f"redis://{HOST}:{self._port}/0"

    def begin(self) -> None:
        """Launch it, without waiting."""
        words = ["--port", str(self._port), "--bind", HOST, "--save", "", "--appendonly", "no"]
        self.launch([program(), *words, "--dir", str(self._folder)], variables={}, cwd=self._folder)

    def probe(self) -> None:
        """Ask whether it answers."""
        with socket.create_connection((HOST, self._port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            if not connection.recv(16).startswith(b"+PONG"):
                raise ConnectionError("it answers, but not as Redis does")


if __name__ == "__main__":
    print(program())
