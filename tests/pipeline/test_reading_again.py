"""Provisional slices: who holds them back, what blocks them, and what reading them again finds (R5, R9, R10)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg2 import sql

from floodmark.core.ledger.coverage import provisional, sealed_up_to
from floodmark.core.ledger.read import Read, State
from floodmark.core.time.interval import Interval
from floodmark.errors import StageUnavailable
from floodmark.pipeline.reports.status import TableStatus, status
from tests.pipeline.conftest import START, World, hour

INSERT = "INSERT INTO orders VALUES ({}, '{}', 1, clock_timestamp())"


@contextmanager
def session(world: World, *statements: str) -> Iterator[Any]:
    """A cursor in a transaction that is still open inside the block."""
    connection = world.connect()
    try:
        with connection.cursor() as cursor:
            for statement in ("BEGIN", *statements):
                cursor.execute(statement)
            yield cursor
    finally:
        connection.close()


def so_far(world: World, low: datetime = START) -> Interval:
    """From some moment to the source's present."""
    [(now,)] = world.source("SELECT clock_timestamp()")
    return Interval(low=low, high=now)


def reads(world: World, table: str = "orders") -> list[Read]:
    """All reads that are closed."""
    run = world.table_run(table)
    return list(run.ports.ledger.reads(run.target))


def told(world: World) -> TableStatus:
    """What status says."""
    run = world.table_run("orders")
    return status(run.config, run.ports.ledger, datetime.now(UTC))[0]


def test_what_a_subtransaction_wrote_is_found_by_xmin_once_it_is_committed(world: World) -> None:
    with session(world, INSERT.format(1, "outer"), "SAVEPOINT s", INSERT.format(2, "inner")) as writer:
        world.sql(INSERT.format(3, "before"))
        asked = so_far(world)
        assert world.run("orders", asked).rows == 1
        writer.execute("RELEASE SAVEPOINT s")
        writer.execute("COMMIT")
    assert world.run("orders", None).rows == 3  # the third has an xid above the base, though it was seen
    assert "xmin" in reads(world)[-1].query
    assert world.current("orders", "id") == [(1,), (2,), (3,)]
    assert sealed_up_to(world.head("orders").coverage, START) == asked.high


def test_a_cursor_that_is_rounded_down_is_found_below_its_transactions_start(world: World) -> None:
    """R6: it began at .2 s or so of a second, and wrote that second: before the moment from which is read again."""
    world.sql("ALTER TABLE orders ALTER updated_at TYPE timestamptz(0)")
    world.sql("SELECT pg_sleep(1.1 - extract(second FROM clock_timestamp()) % 1)")
    with session(world, INSERT.format(1, "late").replace("clock_timestamp", "now")) as writer:
        world.sql("SELECT pg_sleep(1)", INSERT.format(2, "seen"))
        assert world.run("orders", so_far(world)).rows == 1
        writer.execute("COMMIT")
    found = world.run("orders", None)
    assert (world.current("orders", "id"), found.late) == ([(1,), (2,)], 0)


def test_only_what_is_new_is_read_again(world: World) -> None:
    world.sql(INSERT.format(1, "old"), INSERT.format(2, "old"))
    with session(world, INSERT.format(3, "new")) as writer:
        world.run("orders", so_far(world))
        writer.execute("COMMIT")
    assert world.run("orders", None).rows == 1


def test_a_read_that_never_reached_current_moves_no_base(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with session(world, "SELECT now()") as writer:
        world.run("orders", so_far(world))
        base = world.head("orders").coverage[0].base
        writer.execute("INSERT INTO orders VALUES (1, 'seen by the void read first', 1, now())")
        writer.execute("COMMIT")
    broken = world.table_run("orders")
    monkeypatch.setattr(broken.ports.stage, "write", fails)
    with pytest.raises(StageUnavailable):
        world.run("orders", None, ports=broken.ports)
    assert world.run("orders", None, run_id="next").rows == 1
    assert world.current("orders", "id") == [(1,)]
    void, applied = reads(world)[-2:]
    assert (void.state, applied.state) == (State.VOID, State.APPLIED)
    assert void.snapshot.base is not None
    assert base is not None
    assert {span.base for span in applied.spans} == {base}
    assert void.snapshot.base > base


def fails(*_: object) -> None:
    """A stage that takes nothing."""
    raise StageUnavailable("the bucket is away")


def test_a_view_is_read_again_whole(world: World) -> None:
    world.tables = "{recent: {key: id, cursor: updated_at}}"
    world.sql("CREATE VIEW recent AS SELECT * FROM orders", INSERT.format(1, "old"))
    with session(world, INSERT.format(2, "new")) as writer:
        world.run("recent", so_far(world))
        writer.execute("COMMIT")
    assert world.run("recent", None).rows == 2
    assert "xmin" not in reads(world, "recent")[-1].query
    assert world.current("recent", "id") == [(1,), (2,)]


def test_slices_that_one_transaction_held_back_are_read_by_one_read(world: World) -> None:
    world.tables = "{orders: {recheck: 0}}"
    with session(world, "SET application_name = 'nightly'", INSERT.format(0, "late")) as writer:
        asked = []
        low = START
        for number in range(1, 4):
            world.sql(INSERT.format(number, "in time"))
            asked.append(so_far(world, low))
            low = asked[-1].high
            world.run("orders", asked[-1], run_id=str(number))
        assert len(provisional(world.head("orders").coverage)) == 1
        [holder] = told(world).held_by
        assert (holder.application, holder.pid) == ("nightly", writer.connection.info.backend_pid)
        before = len(reads(world))
        world.run("orders", None, run_id="while it is open")
        assert len(reads(world)) == before
        writer.execute("COMMIT")
    last = so_far(world, low)
    world.run("orders", last, run_id="last")
    assert len(reads(world)) == before + 1
    assert [effect.step for effect in reads(world)[-1].effects] == ["load", "apply"]
    assert world.current("orders", "id") == [(0,), (1,), (2,), (3,)]
    assert (provisional(world.head("orders").coverage), told(world).held_by) == ((), ())
    assert sealed_up_to(world.head("orders").coverage, START) == last.high


def test_a_prepared_transaction_blocks_until_it_ends(world: World) -> None:
    gid = world.database.dbname
    with session(world, INSERT.format(1, "prepared"), f"PREPARE TRANSACTION '{gid}'"):
        asked = so_far(world)
    first = world.run("orders", asked)
    assert (first.watermark, first.rows) == ("", 0)
    [reason] = told(world).reasons
    assert reason == reads(world)[-1].reasons[0]
    assert f"prepared transaction '{gid}'" in reason
    assert "COMMIT PREPARED" in reason
    with world.connect().cursor() as cursor:
        cursor.execute(f"COMMIT PREPARED '{gid}'")
    assert world.run("orders", None).rows == 1
    assert world.current("orders", "id") == [(1,)]
    assert sealed_up_to(world.head("orders").coverage, START) == asked.high


def test_sessions_that_cannot_be_seen_block_until_the_role_may(world: World) -> None:
    role = "reader_" + world.database.dbname
    with world.connect() as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        cursor.execute(sql.SQL("GRANT SELECT ON orders TO {}").format(sql.Identifier(role)))
    world.reads = world.database.dsn.replace("postgres@", f"{role}@")
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    try:
        assert (world.run("orders", hour(0)).watermark, world.current("orders", "id")) == ("", [(1,)])
        assert told(world).reasons[0].endswith(f'GRANT pg_read_all_stats TO "{role}"')
        world.sql(f'GRANT pg_read_all_stats TO "{role}"')
        world.run("orders", None)
        assert sealed_up_to(world.head("orders").coverage, START) == hour(0).high
        assert told(world).reasons == ()
    finally:
        world.sql(f'DROP OWNED BY "{role}"', f'DROP ROLE "{role}"')
