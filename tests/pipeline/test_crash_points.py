"""A step that dies at any point between two effects, and a retry that knows only the ledger (R14-R17).

The death is injected at the ports: from the n-th call on nothing gets through any more, as after SIGKILL. Whether the
n-th call itself still went through is tried both ways.
"""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.fakes.fuse import WRITES_OF_EXTRACT, WRITES_OF_LOAD, Fuse, Killed, guarded, mostly_long
from tests.pipeline.conftest import World, hour


def attempt(world: World, fuse: Fuse, request: Request) -> None:
    """One run of the table, as two tasks, behind a fuse."""
    found = extract(guarded(world.table_run("orders"), fuse), request)
    if found.pending:
        load(guarded(world.table_run("orders"), fuse), found.read_at)


WRITES_OF_A_RUN = WRITES_OF_EXTRACT + WRITES_OF_LOAD


def test_the_points_of_death_are_all_there_are(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    fuse = Fuse(10_000, after=False)
    attempt(world, fuse, Request(kind=Kind.SLICE, run_id="the run", interval=hour(0)))
    assert fuse.calls == WRITES_OF_A_RUN


@pytest.mark.slow
@pytest.mark.parametrize("after", mostly_long([False, True], True), ids=["before", "after"])
@pytest.mark.parametrize("fatal", range(1, WRITES_OF_A_RUN + 1))
def test_a_retry_ends_where_an_unbroken_run_would(world: World, fatal: int, after: bool) -> None:
    world.sql("INSERT INTO orders SELECT g, 'a', g, '2026-11-01T00:10Z' FROM generate_series(1, 5) g")
    request = Request(kind=Kind.SLICE, run_id="the run", interval=hour(0))
    fuse = Fuse(fatal, after=after)
    with pytest.raises(Killed):
        attempt(world, fuse, request)
    attempt(world, Fuse(10_000, after=False), request)
    head = world.head("orders")
    assert (head.open, head.holder) == (None, "")
    assert world.current("orders", "id") == [(number,) for number in range(1, 6)]
    reads = world.table_run("orders").ports.ledger.reads(head.target)
    applied = [read for read in reads if read.state is State.APPLIED]
    assert len(world.raw("orders", "id")) == sum(read.rows for read in applied)
