"""A reconcile's read is one like any other: pruned, in order, done once, whoever dies or sleeps (R14-R18, R25)."""

from __future__ import annotations

import threading

import pytest

from floodmark.core.bigquery import jobs
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.errors import LeaseLost
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.outcome import Reconciliation
from floodmark.pipeline.reconcile import reconcile
from floodmark.pipeline.reports.prove import prove
from floodmark.pipeline.table_run import Request, TableRun
from tests.fakes.fuse import WRITES_OF_EXTRACT, WRITES_OF_LOAD, Fuse, Killed, Pause, guarded, mostly_long
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed

pytestmark = pytest.mark.slow

WRITES_OF_A_HEALING_RUN = WRITES_OF_EXTRACT + WRITES_OF_LOAD - 2
"""Both tables stand, so neither is made."""


def orders(world: World, rows: int = 5) -> None:
    """Some orders of the first hour, read and sealed."""
    world.sql(f"INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, {rows}) g")
    world.run("orders", hour(0))


def attempt(world: World, fuse: Fuse) -> Reconciliation:
    """One run of the daily DAG, as two tasks, behind a fuse."""
    found = reconcile(guarded(world.table_run("orders"), fuse), "the run", heal=True)
    if found.outcome and found.outcome.pending:
        load(guarded(world.table_run("orders"), fuse), found.outcome.read_at)
    return found


def disorder(world: World) -> None:
    """One key of each sort that differs."""
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 1", "UPDATE orders SET id = 20 WHERE id = 2")
    world.sql("UPDATE orders SET note = 'silent' WHERE id = 3")


HEALED = [(3, "silent"), (4, "n4"), (5, "n5"), (20, "n2")]


@pytest.mark.parametrize("unit", ["day", "month"])
def test_gone_rows_are_looked_for_in_the_partitions_where_they_stand(world: World, unit: str) -> None:
    world.tables = f"{{orders: {{partition_by: {{column: made, by: {unit}}}}}}}"
    world.sql(
        "ALTER TABLE orders ADD made timestamptz",
        "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z', '2026-03-05T12:00Z'), "
        "(2, 'b', 1, '2026-11-01T00:10Z', NULL), (3, 'c', 1, '2026-11-01T00:10Z', '2026-05-01'), "
        "(4, 'd', 1, '2026-11-01T00:10Z', '2026-06-01')",
    )
    world.run("orders", hour(0))
    world.sql("DELETE FROM orders WHERE id <= 2", "UPDATE orders SET made = '2026-07-07' WHERE id = 3")
    assert counts(healed(world)) == (0, 1, 2, 0)
    assert world.current("orders", "id, EXTRACT(MONTH FROM made)") == [(3, 7), (4, 6)]
    run = world.table_run("orders")
    read = run.ports.ledger.reads(run.target)[-1]
    merge = read.effects[-1].configuration["query"]["query"]
    assert "2026-03-05" in merge if unit == "day" else "2026-03-01" in merge
    assert ">= TIMESTAMP '2026-06" not in merge
    assert "IS NULL" in merge


def test_a_slice_that_is_read_after_a_reconcile_has_the_last_word(world: World) -> None:
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 3")
    healed(world)
    world.sql("INSERT INTO orders VALUES (3, 'back', 1, '2026-11-01T00:20Z')")
    world.run("orders", hour(0), run_id="again")
    assert world.current("orders", "id, note")[2] == (3, "back")
    assert counts(compared(world)) == (0, 0, 0, 0)


def test_an_older_merge_that_is_submitted_once_more_brings_nothing_back(world: World) -> None:
    disorder(world)
    healed(world)
    run = world.table_run("orders")
    slice_ = run.ports.ledger.reads(run.target)[0]
    for effect in slice_.effects:
        run.ports.warehouse.submit(jobs.recorded(effect))
    assert world.current("orders", "id, note") == HEALED


def test_the_points_of_death_are_all_there_are(world: World) -> None:
    disorder(world)
    fuse = Fuse(10_000, after=False)
    attempt(world, fuse)
    assert fuse.calls == WRITES_OF_A_HEALING_RUN


@pytest.mark.slow
@pytest.mark.parametrize("fatal", mostly_long(range(1, WRITES_OF_A_HEALING_RUN + 1), 3, 5, 9, 11))
def test_a_retry_ends_where_an_unbroken_reconcile_would(world: World, fatal: int) -> None:
    """Each write is done, and its answer lost; before the next one is the same to who comes after."""
    disorder(world)
    with pytest.raises(Killed):
        attempt(world, Fuse(fatal, after=True))
    attempt(world, Fuse(10_000, after=False))
    head = world.head("orders")
    assert (head.open, head.holder, head.error) == (None, "", "")
    assert world.current("orders", "id, note") == HEALED
    reads = world.table_run("orders").ports.ledger.reads(head.target)
    applied = [read for read in reads if read.state is State.APPLIED]
    assert len(world.raw("orders", "id")) == sum(read.rows for read in applied)
    assert head.reconciled_at in [read.read_at for read in applied if read.kind is Kind.RECONCILE]


@pytest.mark.slow
@pytest.mark.parametrize("fatal", mostly_long([2, 3, 4, 5], 4))
def test_a_reconcile_that_sleeps_through_its_lease_changes_nothing(world: World, fatal: int) -> None:
    disorder(world)
    pause = Pause(fatal)
    ended: list[BaseException | None] = []

    def sleepily(run: TableRun) -> None:
        try:
            reconcile(run, "the sleeper", heal=True)
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=sleepily, args=(guarded(world.table_run("orders"), pause),))
    thread.start()
    assert pause.asleep.wait(60)
    world.sql("INSERT INTO orders VALUES (1, 'back', 1, '2026-11-01T01:10Z')")
    world.run("orders", hour(1))
    before = (world.head("orders").last, world.current("orders"), world.raw("orders", "id, _floodmark_read_at", "2, 1"))
    pause.wake.set()
    thread.join(60)
    assert not ended or isinstance(ended[0], LeaseLost)
    after = (world.head("orders").last, world.current("orders"), world.raw("orders", "id, _floodmark_read_at", "2, 1"))
    assert after == before
    assert (1, "back") in world.current("orders", "id, note")


def test_a_read_that_is_healed_is_evidence_that_prove_accepts(world: World) -> None:
    disorder(world)
    healed(world)
    healed(world)
    run = world.table_run("orders")
    [proof] = prove(run.config, [run.table], run.ports.ledger)
    assert proof.doubts == ()
    assert proof.reads == 3


def test_a_partition_attached_before_a_reconcile_is_still_read_by_the_next_slice(world: World) -> None:
    world.tables = "{parts: {cursor: updated_at}}"
    world.sql(
        "CREATE TABLE parts (id int, note text, updated_at timestamptz NOT NULL, PRIMARY KEY (id)) "
        "PARTITION BY RANGE (id)",
        "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE parts_2 (id int PRIMARY KEY, note text, updated_at timestamptz NOT NULL)",
        "INSERT INTO parts VALUES (1, 'a', '2026-11-01T00:10Z')",
        "INSERT INTO parts_2 VALUES (101, 'b', '2026-11-01T00:20Z')",
    )
    world.run("parts", hour(0))
    world.sql("ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM (100) TO (200)")
    assert counts(compared(world, "parts")) == (1, 0, 0, 0)
    world.sql("UPDATE parts SET note = 'c' WHERE id = 1", "DELETE FROM parts WHERE id = 101")
    healed(world, "parts")
    world.sql("INSERT INTO parts VALUES (101, 'd', '2026-11-01T00:20Z')")
    world.run("parts", hour(1))
    last = world.head("parts").last
    assert last is not None
    assert "new physical tables" in last.reasons[0]
    assert world.current("parts", "id, note") == [(1, "c"), (101, "d")]


def test_a_reload_that_waits_for_its_load_is_finished_and_then_compared(world: World) -> None:
    orders(world)
    extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="left"))
    world.sql("DELETE FROM orders WHERE id = 5")
    assert counts(healed(world)) == (0, 0, 1, 0)
    assert world.current("orders", "id") == [(1,), (2,), (3,), (4,)]
