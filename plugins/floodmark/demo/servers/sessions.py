"""All processes of a session that this program began: Airflow's parts have children, which must end with them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Session:
    """The session that the process ``leader`` began; None where there is none. Linux only."""

    leader: int | None

    def members(self) -> Iterator[int]:
        """The pids of the living."""
        if self.leader is None:
            return
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _session(entry) == self.leader:
                yield int(entry.name)

    def end(self, deadline: float, *, spare: int | None = None) -> None:
        """Wait until ``deadline`` (monotonic) for all to end; then kill those that haven't, but for ``spare``."""
        while any(pid != spare for pid in self.members()) and time.monotonic() < deadline:
            time.sleep(0.05)
        while members := [pid for pid in self.members() if pid != spare]:
            for pid in members:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            time.sleep(0.02)


def _session(entry: Path) -> int | None:
    """The session of a living process, from ``/proc/PID/stat``; None of a dead one."""
    try:
        state, _, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return None
    return None if state in ("Z", "X") else int(session)
