"""How often one object is written: once a second in the long run, with a few writes at once now and then.

Cloud Storage takes one write a second of an object, and may answer 429 to more (its page "Quotas & limits", *Objects*);
a short run's few writes go through, and the client tries one again that was refused. A long one must not go on so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

AT_ONCE = 8
"""More than a run writes of a head."""
SECONDS = 1.0
"""Between two writes of an object, in the long run."""


class Pace:
    """Holds back whoever writes too often. Safe with several threads.

    ``clock`` counts seconds, ``sleep`` waits for some: :mod:`time`'s.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._paid: dict[str, float] = {}
        """Until when an object's writes so far would have taken, at one every :data:`SECONDS`."""

    def wait(self, name: str) -> None:
        """Wait until the object may be written once more."""
        with self._lock:
            now = self._clock()
            paid = max(self._paid.get(name, now), now)
            self._paid[name] = paid + SECONDS
        early = paid - (AT_ONCE - 1) * SECONDS - now
        if early > 0:
            self._sleep(early)
