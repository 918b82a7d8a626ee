"""One server as a child process: started, waited for, stopped by its pid; it never outlives this process.

The kernel ends a guarded child when the *thread* that started it ends, so servers are started from a thread
that stays: the main one.
"""

from __future__ import annotations

import atexit
import os
import random
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from floodmark.errors import ServerFailed

HOST = "127.0.0.1"
GUARD = Path(__file__).with_name("guard.py")
KILL_AFTER = 15.0
"""Seconds from the polite signal to SIGKILL."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that is free now, below those that the kernel hands out to connections meanwhile."""
    for port in random.sample(range(20000, 32000), 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerFailed(f"no free port on {HOST} between 20000 and 32000: is another program holding them all?")


def guarded(command: Sequence[str | Path], *, death_signal: int, user: str = "-") -> list[str | Path]:
    """``command``, to be run as ``user`` and to get ``death_signal`` when this process dies ("-": as ourselves)."""
    return [sys.executable, "-I", "-S", GUARD, str(os.getpid()), str(int(death_signal)), user, *command]


class Server(ABC):
    """A child process that serves. Subclasses begin it, and probe whether it answers."""

    name = "server"
    start_within = 60.0
    """Seconds in which the probe must succeed."""
    stop_signal = signal.SIGTERM
    death_signal = signal.SIGKILL
    """What the kernel sends it when this process dies without stopping it."""

    def __init__(self, *, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def begin(self) -> None:
        """Launch it, without waiting."""

    @abstractmethod
    def probe(self) -> None:
        """Make one real request. Raises OSError while it isn't answered."""

    def start(self) -> Self:
        """Begin and wait until it serves. Raises ServerFailed, with nothing left running."""
        self.begin()
        self.wait()
        return self

    def launch(
        self, command: Sequence[str | Path], *, variables: Mapping[str, str], user: str = "-", cwd: Path
    ) -> None:
        """Start the child and return at once. It sees ``variables`` and PATH only: no secret of ours, and no Ctrl-C."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                guarded(command, death_signal=self.death_signal, user=user),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={"PATH": os.environ.get("PATH", os.defpath), **variables},
                start_new_session=True,
            )
        atexit.register(self.stop)

    def wait(self) -> None:
        """Return when the probe is answered.

        Raises ServerFailed, with the end of the log, if the child ends first or ``start_within`` passes;
        nothing is left running then.
        """
        deadline = time.monotonic() + self.start_within
        try:
            while (refusal := self._refusal()) is not None:
                if (code := self._running().poll()) is not None:
                    raise self.failed(f"it ended with {code}")
                if time.monotonic() > deadline:
                    raise self.failed(f"it did not answer within {self.start_within:.0f} s ({refusal})")
                time.sleep(0.02)
        except BaseException:
            self.stop()
            raise

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

    def failed(self, why: str) -> ServerFailed:
        """The error that says which server, why, and where its log is."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        end = "\n".join("    " + line for line in lines[-12:]) or "    (the log is empty)"
        return ServerFailed(f"{self.name} did not start: {why}; its log is {self.log} and ends with:\n{end}")

    def _refusal(self) -> OSError | None:
        try:
            self.probe()
        except OSError as error:
            return error
        return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerFailed(f"{self.name} is not running; call start() first")
        return self._process

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
