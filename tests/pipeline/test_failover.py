"""A standby becomes the primary: what only the old one's lost tail held was never so (R10, R8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.demo.servers.all import FAST, Database, PostgresServer, temporary_folder
from floodmark.errors import SourceUnavailable
from floodmark.pipeline.reports.status import status
from tests.pipeline.conftest import World, hour
from tests.pipeline.servers import ask, standby, until

ROW = "INSERT INTO orders VALUES ({}, '{}', 1, '2026-11-01T{}Z')"


@pytest.mark.slow
def test_after_a_failover_the_table_is_what_the_new_primary_has(world_of: Callable[[Database], World]) -> None:
    with temporary_folder() as folder, PostgresServer(folder=folder / "old", settings=FAST) as old:
        world = world_of(old.create_database("shop"))
        world.sql(ROW.format(1, "a", "00:10"))
        world.run("orders", hour(0))
        with standby(old, folder / "new") as new:
            cut_off(new)
            world.sql(ROW.format(2, "the lost tail", "00:20"), "UPDATE orders SET note = 'the lost tail'")
            world.run("orders", hour(1))
            assert world.current("orders", "id, note") == [(1, "the lost tail"), (2, "the lost tail")]
            ask(new.database(), "SELECT pg_promote()")
            world.database, world.seal = new.database("shop"), old.database("shop").dsn
            with pytest.raises(SourceUnavailable, match="on timeline 2, the one that was looked at on 1"):
                world.run("orders", hour(2))
            old.stop()
            world.seal = ""
            world.sql(ROW.format(3, "c", "02:10"))
            world.run("orders", hour(2))
            the_next_run_replaces_all(world)
            world.sql("UPDATE orders SET note = 'z', updated_at = '2026-11-01T03:10Z' WHERE id = 1")
            world.run("orders", hour(3))
            it_goes_on_by_slices(world)


def cut_off(server: PostgresServer) -> None:
    """Let a standby stream no further."""
    ask(server.database(), "ALTER SYSTEM SET primary_conninfo = ''")
    ask(server.database(), "SELECT pg_reload_conf()")
    until(lambda: ask(server.database(), "SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)])


def the_next_run_replaces_all(world: World) -> None:
    last = world.head("orders").last
    assert last is not None
    assert last.kind is Kind.RELOAD
    assert "reloaded: the source went from timeline 1 to 2" in last.reasons[0]
    assert world.current("orders", "id, note") == [(1, "a"), (3, "c")]


def it_goes_on_by_slices(world: World) -> None:
    last = world.head("orders").last
    assert last is not None
    assert (last.kind, last.reasons) == (Kind.SLICE, ())
    assert world.current("orders", "id, note") == [(1, "z"), (3, "c")]
    run = world.table_run("orders")
    [told] = status(run.config, run.ports.ledger, datetime.now(UTC))
    assert [reason.split(": ", 1)[1][:47] for reason in told.reasons] == [
        "reloaded: the source went from timeline 1 to 2;"
    ]
