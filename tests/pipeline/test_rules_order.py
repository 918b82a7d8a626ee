"""Lease, look, snapshot, read_at: each before the next, and reads in the order in which they were made (R4-R16)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from floodmark.core.ledger.coverage import provisional
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.core.time.interval import Interval
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.fakes.watched import watching
from tests.pipeline.conftest import START, World, hour

ROW = "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:40Z')"
ASK = Request(kind=Kind.SLICE, run_id="the run", interval=hour(0))


def test_the_lease_is_taken_before_the_look(world: World) -> None:
    """R14: else two steps could decide by the same look."""
    held = []

    def before(call: str, *_: Any) -> None:
        if call == "look":
            held.append(world.head("orders").holder)

    step = watching(world.table_run("orders"), "source", before=before)
    extract(step, ASK)
    assert held == [step.holder]


def test_what_commits_between_look_and_snapshot_or_later_keeps_its_slice_provisional(world: World) -> None:
    """R4: the snapshot misses the row, and the transaction has ended right after it. A later look would see nothing."""
    world.sql("ALTER TABLE orders ALTER updated_at SET DEFAULT now()")
    late = world.connect()
    late.autocommit = False
    late.cursor().execute("INSERT INTO orders (id, note) VALUES (1, 'late')")
    [(high,)] = world.source("SELECT date_trunc('second', now()) + interval '1 second'")
    world.source("SELECT pg_sleep(1.1)")

    @contextmanager
    def committing(opened: AbstractContextManager[Any]) -> Iterator[Any]:
        with opened as reading:
            late.commit()
            yield reading

    step = watching(
        world.table_run("orders"), "source", after=lambda call, it: committing(it) if call == "open" else None
    )
    found = extract(step, replace(ASK, interval=Interval(low=START, high=high)))
    late.close()
    assert (found.state, found.rows) == ("applied", 0)
    assert provisional(world.head("orders").coverage) != ()
    again = world.run("orders", None, run_id="the next")
    assert (again.rows, again.late) == (1, 0)


def test_read_at_grows_though_the_databases_clock_steps_back(world: World) -> None:
    """R15: it orders the versions of a row, so the later read has the later moment whatever a clock says."""
    world.sql(ROW)
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = 'b'")

    def after(call: str, found: Any) -> Any:
        return replace(found, clock=found.clock - timedelta(hours=1)) if call == "look" else None

    found = extract(watching(world.table_run("orders"), "source", after=after), replace(ASK, run_id="again"))
    load(world.table_run("orders"), found.read_at)
    first, second = world.table_run("orders").ports.ledger.reads(world.head("orders").target)
    assert second.read_at == first.read_at + timedelta(microseconds=1)
    assert world.current("orders", "id, note") == [(1, "b")]


def test_the_last_word_counts_though_its_cursor_is_older(world: World) -> None:
    """R13: a transaction that began at 00:30 wrote last, over one of 00:40."""
    world.sql(ROW)
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = 'the last word', updated_at = '2026-11-01T00:30Z'")
    world.run("orders", hour(0), run_id="again")
    assert world.current("orders", "id, note") == [(1, "the last word")]


def test_a_retry_adopts_what_it_staged_and_another_run_finishes_it(world: World) -> None:
    """R14, R16: the slice is not read twice, and no second read is opened beside the first."""
    world.sql(ROW)
    found = extract(world.table_run("orders"), ASK)
    assert extract(world.table_run("orders"), ASK).read_at == found.read_at
    assert world.head("orders").open is not None
    world.run("orders", hour(1))
    reads = world.table_run("orders").ports.ledger.reads(world.head("orders").target)
    assert [read.run_id for read in reads] == ["the run", f"slice {hour(1)}"]
    assert load(world.table_run("orders"), found.read_at).state == "applied"
    assert len(world.raw("orders")) == 1


def test_a_read_that_never_reached_current_gives_no_base(world: World) -> None:
    """R10: what is new since a void read's snapshot is not all that is new since the last applied one."""
    world.sql(ROW)
    world.run("orders", hour(0))
    world.sql("INSERT INTO orders VALUES (2, 'seen by the void read only', 1, '2026-11-01T00:50Z')")

    def before(call: str, *_: Any) -> None:
        if call == "write":
            raise ConnectionError("the stage is out of reach")

    with pytest.raises(ConnectionError):
        extract(watching(world.table_run("orders"), "stage", before=before), replace(ASK, interval=hour(1)))
    world.run("orders", hour(1))
    reads = world.table_run("orders").ports.ledger.reads(world.head("orders").target)
    assert [read.state for read in reads] == [State.APPLIED, State.VOID, State.APPLIED]
    assert world.current("orders", "id") == [(1,), (2,)]


def test_what_was_open_while_a_later_transaction_ended_is_new(world: World) -> None:
    """R10: its id lies below the snapshot's xmax, which is the end of those that had ended; not below its xmin."""
    world.sql("ALTER TABLE orders ALTER updated_at SET DEFAULT now()")
    late = world.connect()
    late.autocommit = False
    late.cursor().execute("INSERT INTO orders (id) VALUES (1)")
    world.sql("INSERT INTO orders (id) VALUES (2)")
    [(high,)] = world.source("SELECT date_trunc('second', now()) + interval '1 second'")
    world.source("SELECT pg_sleep(1.1)")
    world.run("orders", Interval(low=START, high=high))
    assert world.current("orders", "id") == [(2,)]
    late.commit()
    late.close()
    assert world.run("orders", None, run_id="the next").late == 0
    assert world.current("orders", "id") == [(1,), (2,)]
