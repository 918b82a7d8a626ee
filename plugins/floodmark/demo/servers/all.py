"""The servers of the demo and the tests: PostgreSQL, Cloud Storage and BigQuery on 127.0.0.1, on ports chosen free.

with temporary_folder() as folder:
    with PostgresServer(folder=folder / "postgres") as postgres, google_servers(folder=folder / "google") as google:
        os.environ.update(google.variables())
"""

from __future__ import annotations

import contextlib
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from floodmark.demo.servers.environment import compile_analyzer, servers_environment
from floodmark.demo.servers.google import PROJECT, GoogleServers
from floodmark.demo.servers.postgres import FAST, Database, PostgresServer
from floodmark.demo.servers.process import HOST

__all__ = [
    "FAST",
    "HOST",
    "PROJECT",
    "Database",
    "GoogleServers",
    "PostgresServer",
    "google_servers",
    "stopped_by_signals",
    "temporary_folder",
]


def google_servers(*, folder: Path, say: Callable[[str], None] = lambda _: None) -> GoogleServers:
    """Both Google servers, not started yet, in the environment that is made for them at the first use on a machine."""
    environment = servers_environment(say)
    compile_analyzer(environment, say)
    return GoogleServers(folder=folder, environment=environment)


@contextlib.contextmanager
def temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach, removed at the end; in ``parent``, or where temporary files go."""
    with tempfile.TemporaryDirectory(prefix="floodmark-", dir=parent, ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let TERM and HUP end the program as Ctrl-C does, through every ``with``, so that servers are stopped in order."""

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
