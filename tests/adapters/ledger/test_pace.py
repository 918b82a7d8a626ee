"""One write a second of an object in the long run, with a clock that only waiting moves."""

from __future__ import annotations

from floodmark.adapters.ledger.pace import AT_ONCE, Pace


class Clock:
    """Stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def written(pace: Pace, clock: Clock, name: str, times: int) -> list[float]:
    """When each of so many writes in a row begins, in seconds since now."""
    began, moments = clock.now, []
    for _ in range(times):
        pace.wait(name)
        moments.append(clock.now - began)
    return moments


def test_a_run_s_few_writes_do_not_wait_and_a_thousand_take_a_second_each() -> None:
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    moments = written(pace, clock, "orders", 1000)
    assert moments[:AT_ONCE] == [0.0] * AT_ONCE
    assert [after - before for before, after in zip(moments[AT_ONCE - 1 :], moments[AT_ONCE:], strict=False)] == [
        1.0
    ] * (1000 - AT_ONCE)


def test_who_paused_may_write_some_at_once_again_but_never_more() -> None:
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    written(pace, clock, "orders", AT_ONCE)
    clock.sleep(3)
    assert written(pace, clock, "orders", 4) == [0.0, 0.0, 0.0, 1.0]
    clock.sleep(86_400)
    assert written(pace, clock, "orders", AT_ONCE + 1) == [0.0] * AT_ONCE + [1.0]


def test_each_object_has_a_pace_of_its_own() -> None:
    clock = Clock()
    pace = Pace(lambda: clock.now, clock.sleep)
    written(pace, clock, "orders", AT_ONCE)
    assert written(pace, clock, "items", AT_ONCE) == [0.0] * AT_ONCE
