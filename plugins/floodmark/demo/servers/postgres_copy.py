"""A copy of a running PostgreSQL, by pg_basebackup: a server of its own with its data, or one that follows it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from floodmark.demo.servers.postgres import FAST, UNPRIVILEGED, PostgresServer, _binaries


@contextmanager
def copy_of(
    server: PostgresServer, folder: Path, settings: Mapping[str, str] = FAST, *, follows: bool = False
) -> Iterator[PostgresServer]:
    """In a new folder. ``follows``: a streaming standby; else it begins to live for itself where the copy ends."""
    folder.mkdir(mode=0o711)
    program = _binaries(readable_by_all=False) / "pg_basebackup"
    words = ["-D", str(folder / "data"), "--checkpoint=fast", "--no-sync", *(["-R"] if follows else [])]
    subprocess.run([program, *words, "-d", server.database().dsn], check=True)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(UNPRIVILEGED)
        for path in (folder / "data", *(folder / "data").rglob("*")):
            shutil.chown(path, owner.pw_uid, owner.pw_gid)
    with PostgresServer(folder=folder, settings=settings, password=server.password) as copy:
        yield copy
