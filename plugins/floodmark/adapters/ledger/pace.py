"""How often one object is written: once a second in the long run, with a few writes at once now and then.

Cloud Storage takes one write a second of an object, and may answer 429 to more (its page "Quotas & limits", *Objects*);
a short run's few writes go through, and the client tries one again that was refused. A long one must not go on so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from floodmark.adapters import pace

AT_ONCE = 8
"""More than a run writes of a head."""
PER_SECOND: float = 1
"""Writes of an object, in the long run."""


class Pace:
    """Holds back whoever writes an object too often. Safe with several threads.

    ``clock`` counts seconds, ``sleep`` waits for some: :mod:`time`'s.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._of: dict[str, pace.Pace] = {}

    def wait(self, name: str) -> None:
        """Wait until the object may be written once more."""
        with self._lock:
            if name not in self._of:
                ahead = (AT_ONCE - 1) / PER_SECOND
                self._of[name] = pace.Pace(PER_SECOND, ahead=ahead, clock=self._clock, sleep=self._sleep)
            own = self._of[name]
        own.wait(1)
