"""Run a program, end it with all its children when asked: ``python -m floodmark.demo.servers.keeper SECONDS ...``

It leads the session that they live in. Airflow's scheduler leaves its workers behind when its database goes away first,
as it does where the demo is killed; the keeper gets the death signal then, and leaves nobody.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

from floodmark.demo.servers.sessions import Session


class Asked(Exception):
    """TERM has come."""


def main(grace: float, command: list[str]) -> int:
    """Run ``command``; its exit code. On TERM it has ``grace`` seconds to end, then all of the session is killed."""

    def leave(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Asked

    signal.signal(signal.SIGTERM, leave)
    child = None
    deadline = time.monotonic()
    try:
        child = subprocess.Popen(command)
        return child.wait()
    except Asked:
        deadline = time.monotonic() + grace
        return 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if child is not None:
            child.terminate()
            while child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
        Session(leader=os.getsid(0)).end(deadline, spare=os.getpid())


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
