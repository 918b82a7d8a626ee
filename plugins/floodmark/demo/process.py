"""One server as a child process: started, waited for, stopped by its pid; it never outlives this process.

The kernel ends a guarded child when the *thread* that started it ends, so servers are started from a thread that stays: the main one.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from floodmark.errors import ServerFailed

HOST = "127.0.0.1"
GUARD = Path(__file__).with_name("guard.py")
KILL_AFTER = 15.0
"""Seconds from the polite signal to SIGKILL."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A child process that serves. Subclasses give its command and its probe."""

    name = "server"
    start_within = 60.0
    """Seconds in which the probe must succeed."""
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGKILL
    """What the kernel sends it when this process dies without stopping it."""

    def __init__(self, *, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def launch(
        self, command: Sequence[str | Path], *, variables: Mapping[str, str], user: str = "-", cwd: Path
    ) -> None:
        """Start the child and return at once. It sees ``variables`` and PATH only: no secret of ours, none of Ctrl-C either."""
        guard = [sys.executable, "-I", "-S", GUARD, str(os.getpid()), str(int(self.death_signal)), user]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*guard, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={"PATH": os.environ.get("PATH", os.defpath), **variables},
                start_new_session=True,
            )
        atexit.register(self.stop)

    def wait_until_ready(self, probe: Callable[[], object]) -> None:
        """Return when ``probe`` no longer raises OSError.

        Raises ServerFailed, with the end of the log, if the child ends first or ``start_within`` passes; nothing is left running then.
        """
        deadline = time.monotonic() + self.start_within
        while True:
            try:
                probe()
                return
            except OSError as error:
                if (code := self._running().poll()) is not None:
                    raise self._failed(f"it ended with {code}") from error
                if time.monotonic() > deadline:
                    self.stop()
                    raise self._failed(f"it did not answer within {self.start_within:.0f} s ({error})") from error
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """The pid of the running child."""
        return self._running().pid

    def stop(self) -> None:
        """End the child: the polite signal, then SIGKILL. Does nothing if it isn't running."""
        process, self._process = self._process, None
        atexit.unregister(self.stop)
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(self.stop_signal)
        try:
            process.wait(KILL_AFTER)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def start(self) -> Self:
        """Start and wait until it serves."""
        raise ServerFailed(f"{self.name}: nothing to start")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running; call start() first")
        return self._process

    def _failed(self, why: str) -> ServerFailed:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        end = "\n".join("    " + line for line in lines[-12:]) or "    (the log is empty)"
        return ServerFailed(f"{self.name} did not start: {why}; its log is {self.log} and ends with:\n{end}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
