"""How fast something is used: a source by all readers of a table (``max_rate``), an object of a ledger in a bucket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import TypeVar

Item = TypeVar("Item")


class Pace:
    """Lets no more than ``rate`` pass in a second, bytes say, and one item beyond; None lets all pass. For any threads.

    Who is let through waits first for the time that all before it were worth, less what may pass ``ahead``; of the time
    in which nobody came no more than that is saved up. ``ahead``, ``clock`` and ``sleep`` are in seconds.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        ahead: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._ahead, self._clock, self._sleep = rate, ahead, clock, sleep
        self._free_at = clock()
        self._lock = Lock()

    def kept(self, items: Iterator[Item], size: Callable[[Item], int]) -> Iterator[Item]:
        """The same items, each when it may pass; ``size`` gives its bytes.

        The source rests meanwhile: it has sent what its connection holds, and waits.
        """
        return items if self._rate is None else self._slowly(items, size)

    def _slowly(self, items: Iterator[Item], size: Callable[[Item], int]) -> Iterator[Item]:
        for item in items:
            self.wait(size(item))
            yield item

    def wait(self, amount: float) -> None:
        """Wait until so much may pass."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            begins = max(now, self._free_at)
            self._free_at = begins + amount / self._rate
        if (early := begins - self._ahead - now) > 0:
            self._sleep(early)
