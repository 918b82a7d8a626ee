"""Death, or a long pause, at any point between two effects of a step.

A step acts on the world only through its ports. A fuse counts what goes out through them, and blows at one of the
writes: then nothing gets through any more, as after SIGKILL, or the step stands still until it is woken, as after
SIGSTOP.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from floodmark.pipeline.table_run import Ports, TargetRun

Run = TypeVar("Run", bound=TargetRun)

WRITES = {"swap", "write", "write_manifest", "submit", "ensure", "shaped"}

WRITES_OF_EXTRACT = 5
"""take, begin, object, manifest, staged with release."""
WRITES_OF_LOAD = 8
"""take, two tables, intent, load, loaded with intent, merge, applied with release."""

WRITES_OF_A_BUILD = 9
"""take, begin with staged, aside, intent, build, table, built with intent, copy, applied with release."""

SOON = timedelta(seconds=0.4)
"""A time to live for leases in tests."""


def mostly_long(points: Iterable[Any], *fast: Any) -> list[Any]:
    """All points, those that are not ``fast`` for ``make crash`` only."""
    return [point if point in fast else pytest.param(point, marks=pytest.mark.long) for point in points]


class Killed(BaseException):
    """Not an Exception, so nothing in between can handle it."""


class Fuse:
    """Blows at the ``fatal``-th write; ``after`` lets that write through first.

    ``blow`` is what then happens: it may never return, or return for the step to go on.
    """

    def __init__(self, fatal: int, *, after: bool = False, blow: Callable[[], None] | None = None) -> None:
        self.fatal, self.left, self.after, self.blown, self.calls = fatal, fatal, after, False, 0
        self.blow = blow or self.die
        self.between = threading.Lock()
        """Held for a sign of life, and where the fuse blows: never in the middle of the other thread's write, where a
        stopped process would keep SQLite's file locked, and no sign of life comes from one that is paused."""
        self.holding = True
        """Whether the step holds its lease, and will miss it, where the fuse blows."""

    def die(self) -> None:
        """Nothing gets through from now on."""
        self.blown = True
        raise Killed

    def guard(self, port: Any) -> Any:
        """The port behind this fuse."""
        return Guarded(port, self)


class Pause(Fuse):
    """Stands still at the ``fatal``-th write until ``wake`` is set: the whole step, its signs of life too."""

    def __init__(self, fatal: int, *, after: bool = False) -> None:
        super().__init__(fatal, after=after, blow=self.sleep)
        self.asleep, self.wake = threading.Event(), threading.Event()

    def sleep(self) -> None:
        """Until somebody wakes us, in a bounded time."""
        self.asleep.set()
        if not self.wake.wait(timeout=900):  # a busy machine takes its time
            raise Killed


class Guarded:
    """A port whose calls stop getting through once the fuse is blown."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            if _renewal(name, arguments):
                return self._renew(value, arguments)
            fuse = self._fuse
            if fuse.blown:
                raise Killed
            if name not in WRITES:
                return value(*arguments, **named)
            fuse.calls += 1
            fuse.left -= 1
            if fuse.left != 0:
                return value(*arguments, **named)
            fuse.holding = not _without_lease(name, arguments, after=fuse.after)
            done = value(*arguments, **named) if fuse.after else None
            with fuse.between:
                fuse.blow()
            return done if fuse.after else value(*arguments, **named)

        return call

    def _renew(self, swap: Any, arguments: tuple[Any, ...]) -> Any:
        with self._fuse.between:
            if self._fuse.blown:
                raise ConnectionError
            return swap(*arguments)


def _renewal(name: str, arguments: tuple[Any, ...]) -> bool:
    """Whether it is a lease's sign of life, of which nobody knows when it comes."""
    if name != "swap":
        return False
    old, new = arguments[0], arguments[1]
    return bool(old.open == new.open and old.holder == new.holder and old.error == new.error)


def _without_lease(name: str, arguments: tuple[Any, ...], *, after: bool) -> bool:
    """Whether this is the moment before the lease is taken, or that of a mere release, whose failure is no error."""
    if name != "swap":
        return False
    old, new = arguments[0], arguments[1]
    released = not new.holder and (old.open, old.last) == (new.open, new.last)
    return released or (new.token > old.token and not after)


def guarded(run: Run, fuse: Fuse, *, time_to_live: timedelta = SOON) -> Run:
    """The same step behind a fuse."""
    inner = run.ports
    return replace(
        run,
        ports=Ports(
            source=lambda: inner.source,
            stage=lambda: fuse.guard(inner.stage),
            warehouse=lambda: fuse.guard(inner.warehouse),
            ledger=lambda: fuse.guard(inner.ledger),
        ),
        time_to_live=time_to_live,
    )
