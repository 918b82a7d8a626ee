"""How fast a read takes rows from its source (``max_rate``): a bound on all its readers together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import TypeVar

Item = TypeVar("Item")


class Pace:
    """Lets no more than ``rate`` bytes pass in a second, and one item beyond; None lets all pass. For any threads.

    Who is let through waits first for the time that all before it were worth; time in which nobody came is not saved
    up. So the source rests meanwhile: it has sent what its connection holds, and waits. ``clock`` and ``sleep`` are in
    seconds.
    """

    def __init__(
        self,
        rate: int | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._clock, self._sleep = rate, clock, sleep
        self._free_at = clock()
        self._lock = Lock()

    def kept(self, items: Iterator[Item], size: Callable[[Item], int]) -> Iterator[Item]:
        """The same items, each when it may pass; ``size`` gives its bytes."""
        return items if self._rate is None else self._slowly(items, size, self._rate)

    def _slowly(self, items: Iterator[Item], size: Callable[[Item], int], rate: int) -> Iterator[Item]:
        for item in items:
            with self._lock:
                now = self._clock()
                begins = max(now, self._free_at)
                self._free_at = begins + size(item) / rate
            if begins > now:
                self._sleep(begins - now)
            yield item
