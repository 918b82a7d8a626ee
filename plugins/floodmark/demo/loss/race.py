"""The contestants side by side: the same slices at the same moments, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from floodmark.core.time.interval import Interval
from floodmark.demo.databases import Place
from floodmark.demo.loss.compare import Difference, compare
from floodmark.demo.loss.contestants import Contestant
from floodmark.demo.loss.databases import versions

Ran = Callable[[Contestant, Interval], None]


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one contestant fared. ``seconds`` are its runs' median; ``late`` that of their delay behind slices."""

    name: str
    difference: Difference
    read: int
    again: int
    seconds: float
    late: float


@dataclass(kw_only=True)
class _Lane:
    """One contestant's runs."""

    contestant: Contestant
    slices: Sequence[Interval]
    ran: Ran
    stop: threading.Event
    seconds: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    error: Exception | None = None

    def go(self) -> None:
        """Run every slice as soon as it has ended; if one takes longer than its slice, the next begins late."""
        try:
            for interval in self.slices:
                decision = interval.high.timestamp()
                if self.stop.wait(max(0.0, decision - time.time())):
                    return
                began = time.time()
                self.contestant.run(interval)
                self.late.append(began - decision)
                self.seconds.append(time.time() - began)
                self.ran(self.contestant, interval)
        except Exception as error:  # raised again by the race, in its own thread
            self.error = error
            self.stop.set()


def race(contestants: Sequence[Contestant], slices: Sequence[Interval], ran: Ran = lambda *_: None) -> list[_Lane]:
    """Let each run each slice when it has ended, calling ``ran`` after each run. Raises the first error of any."""
    stop = threading.Event()
    lanes = [_Lane(contestant=one, slices=slices, ran=ran, stop=stop) for one in contestants]
    threads = [threading.Thread(target=lane.go, name=lane.contestant.name, daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        stop.set()
    for lane in lanes:
        if lane.error:
            raise lane.error
    return lanes


def results(lanes: Sequence[_Lane], source: Place) -> list[Result]:
    """Each target against the source, now that nobody writes any more."""
    truth = versions(source)
    found = []
    for lane in lanes:
        read, again = lane.contestant.reads()
        found.append(
            Result(
                name=lane.contestant.name,
                difference=compare(truth, lane.contestant.rows()),
                read=read,
                again=again,
                seconds=median(lane.seconds),
                late=median(lane.late),
            )
        )
    return found
