"""One measurement: a process of its own, its wall and CPU time, its tree's memory, and what the server spent on it."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

READERS = Path(__file__).parent / "readers"
EVERY = 0.02
"""Seconds between two looks at the memory; each process's own peak is kept by the kernel."""

PLACE = re.compile(r"(?<![\w:/])(/[\w.@+-]+){2,}")
"""A file's whole path; no address."""

BESIDE = re.compile(r"(LINE \d+|DETAIL|HINT|CONTEXT|QUERY):")
"""What PostgreSQL adds to what it says."""

TICK = os.sysconf("SC_CLK_TCK")
MEBIBYTE = 2**20


class Failed(Exception):
    """A contestant that could not read the table: why, in a line without names of this machine."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One read. Seconds; peak in MiB; ``start`` is what its process took before the read: its imports.

    ``others`` are the cores that were busy with neither this process nor the server.
    """

    seconds: float
    cpu: float
    start: float
    server_cpu: float
    others: float
    peak: float
    bytes: int
    rows: int | None


def measured(
    command: list[str],
    *,
    table: str,
    dsn: str,
    folder: Path,
    server: int,
    is_program: bool,
    limit: float,
    settings: Mapping[str, str] | None = None,
) -> Measured:
    """Run ``command`` (an interpreter, a module of ``readers/`` and its argument) for a table; its files are removed.

    ``server`` is the pid of PostgreSQL's first process; ``settings`` are environment variables.
    Raises ``Failed``, also after ``limit`` seconds.
    """
    python, module, argument = command
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as own, tempfile.TemporaryFile() as said:
        rows = Path(own) / "rows"
        rows.mkdir()
        words = [python, str(READERS / "read_once.py"), module, argument, dsn, table, str(rows)]
        variables = {
            **os.environ,
            **(settings or {}),
            "HOME": own,
            "AIRFLOW_HOME": own,
            "TMPDIR": own,
            "PYTHONWARNINGS": "ignore",
        }
        for name in ("VIRTUAL_ENV", *(["PYTHONPATH"] if python != sys.executable else [])):
            variables.pop(name, None)
        machine, spent, ours, began = busy(), spent_by(server), our_own(), time.perf_counter()
        process = subprocess.Popen(
            words,
            env=variables,
            cwd=own,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        peak = 0.0
        try:
            while process.poll() is None:
                peak = max(peak, memory(process.pid, skip_first=is_program))
                if time.perf_counter() - began > limit:
                    raise Failed(f"not done after {limit:.0f} s")
                time.sleep(EVERY)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait()
        whole = time.perf_counter() - began
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
        if process.returncode:
            raise Failed(_reason(lines, own, dsn))
        told = json.loads(lines[-1])
        server_cpu = spent_by(server) - spent
        others = busy() - machine - server_cpu - (our_own() - ours)
    return Measured(
        seconds=told["seconds"],
        cpu=told["cpu"],
        start=whole - told["seconds"],
        server_cpu=server_cpu,
        others=max(0.0, others) / whole,
        peak=peak,
        bytes=told["bytes"],
        rows=told["rows"],
    )


def _reason(lines: list[str], own: str, dsn: str) -> str:
    """The last line that says something, without this machine's names."""
    said = [line.strip() for line in lines if line.strip(" ^~|") and not BESIDE.match(line)]
    last = said[-1] if said else "it said nothing"
    return PLACE.sub("…", last.replace(own, "…").replace(dsn, "…"))[:240]


def memory(pid: int, *, skip_first: bool) -> float:
    """MiB that a process and all below it held, each at its own peak; ``skip_first``: it only starts the others."""
    below = list(_tree(pid))
    if skip_first:
        below = [one for one in below if _program(one) != _program(pid)]
    held = 0
    for one in below:
        with suppress(OSError):  # it has just ended
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    held += int(line.split()[1]) * 1024
    return held / MEBIBYTE


def _program(pid: int) -> str:
    """Its file: that of its parent until it has become another program; empty where it has just ended."""
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe")
    return ""


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                yield from _tree(int(child))


def spent_by(server: int) -> float:
    """CPU seconds of a process, of its children that ended, and of those that run."""
    ticks = 0
    for pid in _tree(server):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15] if pid == server else fields[11:13]))
    return ticks / TICK


def our_own() -> float:
    """CPU seconds of this process and of its children that ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def busy() -> float:
    """CPU seconds of the whole machine since it began, without idle and waiting ones."""
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / TICK
