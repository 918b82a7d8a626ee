"""What it ran on."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2

ASK = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""


def versions(python: Path, packages: tuple[str, ...]) -> str:
    """``duckdb 1.5.5, …`` of those packages that an interpreter has."""
    asked = subprocess.run([python, "-c", ASK, *packages], capture_output=True, text=True, check=True)
    return ", ".join(asked.stdout.splitlines())


def machine(dsn: str, *, files_in_memory: bool) -> dict[str, str]:
    """Of this machine, as plain values."""
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [(postgres,)] = cursor.fetchall()
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{len(os.sched_getaffinity(0))} cores, {gibibytes:.0f} GiB, {_processor()}",
        "system": f"{platform.system()} {platform.machine()}",
        "PostgreSQL": f"{postgres}, on the same machine",
        "Python": platform.python_version(),
        "files": "in memory" if files_in_memory else "on a disk",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "a processor without a name"
