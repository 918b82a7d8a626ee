"""A step that dies at any point between two effects, and a retry that knows only the ledger (R14-R17).

The death is injected at the ports: from the n-th call on nothing gets through any more, as after SIGKILL. Whether the
n-th call itself still went through is tried both ways.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from floodmark.core.read import Kind, State
from floodmark.pipeline.extract import extract
from floodmark.pipeline.finish import load
from floodmark.pipeline.sync import Ask, Ports, Sync
from tests.pipeline.conftest import World, hour

WRITES = {"swap", "write", "write_manifest", "submit", "ensure"}


class Killed(BaseException):
    """Not an Exception, so nothing in between can handle it."""


class Fuse:
    """Blows at the ``fatal``-th write; ``after`` lets that write through first."""

    def __init__(self, fatal: int, *, after: bool) -> None:
        self.left, self.after, self.blown, self.calls = fatal, after, False, 0

    def guard(self, port: Any) -> Any:
        return Guarded(port, self)


class Guarded:
    """A port whose calls stop getting through once the fuse is blown."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if not callable(value):
            return value

        def call(*arguments: Any, **named: Any) -> Any:
            fuse = self._fuse
            if fuse.blown:
                raise ConnectionError if _renewal(name, arguments) else Killed
            if name not in WRITES or _renewal(name, arguments):
                return value(*arguments, **named)
            fuse.calls += 1
            fuse.left -= 1
            if fuse.left > 0:
                return value(*arguments, **named)
            fuse.blown = True
            if fuse.after:
                value(*arguments, **named)
            raise Killed

        return call


def _renewal(name: str, arguments: tuple[Any, ...]) -> bool:
    if name != "swap":
        return False
    old, new = arguments[0], arguments[1]
    return bool(old.open == new.open and old.holder == new.holder)


def guarded(sync: Sync, fuse: Fuse) -> Sync:
    """The same step behind a fuse."""
    inner = sync.ports
    return replace(
        sync,
        ports=Ports(
            source=lambda: inner.source,
            stage=lambda: fuse.guard(inner.stage),
            warehouse=lambda: fuse.guard(inner.warehouse),
            ledger=lambda: fuse.guard(inner.ledger),
        ),
        time_to_live=timedelta(seconds=0.4),
    )


def attempt(world: World, fuse: Fuse, ask: Ask) -> None:
    """One run of the table, as two tasks, behind a fuse."""
    found = extract(guarded(world.sync("orders"), fuse), ask)
    if found.pending:
        load(guarded(world.sync("orders"), fuse), found.read_at)


WRITES_OF_A_RUN = 18
"""take, begin, object, manifest, staged, release; take, two tables, intent, load, outcome, loaded, intent, merge,
outcome, applied, release."""


def test_the_points_of_death_are_all_there_are(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    fuse = Fuse(10_000, after=False)
    attempt(world, fuse, Ask(kind=Kind.SLICE, run_id="the run", interval=hour(0)))
    assert fuse.calls == WRITES_OF_A_RUN


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("fatal", range(1, WRITES_OF_A_RUN + 1))
def test_a_retry_ends_where_an_unbroken_run_would(world: World, fatal: int, after: bool) -> None:
    world.sql("INSERT INTO orders SELECT g, 'a', g, '2026-11-01T00:10Z' FROM generate_series(1, 5) g")
    ask = Ask(kind=Kind.SLICE, run_id="the run", interval=hour(0))
    fuse = Fuse(fatal, after=after)
    with pytest.raises(Killed):
        attempt(world, fuse, ask)
    attempt(world, Fuse(10_000, after=False), ask)
    head = world.head("orders")
    assert (head.open, head.holder) == (None, "")
    assert world.current("orders", "id") == [(number,) for number in range(1, 6)]
    reads = world.sync("orders").ports.ledger.reads(head.target)
    applied = [read for read in reads if read.state is State.APPLIED]
    assert len(world.raw("orders", "id")) == sum(read.rows for read in applied)
