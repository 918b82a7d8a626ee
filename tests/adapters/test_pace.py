"""``max_rate`` bounds what all readers of a table take together."""

from __future__ import annotations

from threading import Lock, Thread

from floodmark.adapters.pace import Pace


class Clock:
    """Time that passes only where somebody sleeps; of several at once, until the last wakes."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        self._lock = Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


def test_each_waits_for_the_time_that_all_before_it_were_worth() -> None:
    clock = Clock()
    pace = Pace(10, clock=clock, sleep=clock.sleep)
    assert list(pace.kept(iter([50, 20, 10]), int)) == [50, 20, 10]
    assert clock.slept == [5.0, 2.0]  # 50 bytes and 20 bytes at 10 in a second; nobody comes after the last


def test_time_in_which_nobody_came_is_not_saved_up() -> None:
    clock = Clock()
    pace = Pace(10, clock=clock, sleep=clock.sleep)
    items = pace.kept(iter([50, 20, 10]), int)
    assert next(items) == 50
    clock.now += 3600
    assert next(items) == 20
    assert clock.slept == []
    assert next(items) == 10
    assert clock.slept == [2.0]


def test_readers_beside_each_other_have_one_bound() -> None:
    clock = Clock()
    pace = Pace(10, clock=clock, sleep=clock.sleep)
    readers = [Thread(target=lambda: list(pace.kept(iter([10] * 25), int))) for _ in range(4)]
    for one in readers:
        one.start()
    for one in readers:
        one.join()
    passed = clock.now - 100.0
    assert 10 * passed + 10 >= 4 * 25 * 10  # 1,000 bytes but for the last 10 take 99 s at 10 in a second


def test_without_a_bound_nothing_stands_between() -> None:
    items = iter([1])
    assert Pace(None).kept(items, int) is items
