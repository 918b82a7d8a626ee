"""Ports that tables share which one thread does after another: each would connect to the ledger anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from floodmark.pipeline.table_run import Ports

LIFETIME = timedelta(minutes=5)
"""After so long they are made anew: a cloud's token is a password for fifteen minutes (``iam`` of a connection)."""


class ThreadPorts:
    """``made`` in each thread when it first borrows them, and anew after an error, whose connections may be broken."""

    def __init__(self, made: Callable[[], Ports]) -> None:
        self._made = made
        self._lock = threading.Lock()
        self._of: dict[int, tuple[Ports, float]] = {}

    @contextmanager
    def borrowed(self) -> Iterator[Ports]:
        """This thread's."""
        thread = threading.get_ident()
        with self._lock:
            ports, since = self._of.pop(thread, (None, 0.0))
        if ports is not None and time.monotonic() - since > LIFETIME.total_seconds():
            ports.close()
            ports = None
        if ports is None:
            ports, since = self._made(), time.monotonic()
        try:
            yield ports
        except BaseException:
            ports.close()
            raise
        with self._lock:
            self._of[thread] = (ports, since)

    def close(self) -> None:
        """Give back what was opened, once no thread has it any more."""
        with self._lock:
            left, self._of = self._of, {}
        for ports, _ in left.values():
            ports.close()
