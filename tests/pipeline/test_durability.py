"""What was seen may be lost with a crash, and its transactions' ids used again, until it is on disk (R3)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from floodmark.adapters.postgres import durable as postgres_durable
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.demo.servers.all import Database, PostgresServer, temporary_folder
from tests.pipeline.conftest import World, hour
from tests.pipeline.servers import ask, crash

LAZY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "bgwriter_lru_maxpages": "0",
}
"""Commits that return before their log is written, and nobody who writes it soon."""

ROW = "INSERT INTO orders VALUES ({}, '{}', 1, '2026-11-01T00:10Z')"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server that flushes its log late."""
    with temporary_folder() as folder, PostgresServer(folder=folder, settings=LAZY) as started:
        yield started


@pytest.fixture
def world(server: PostgresServer, world_of: Callable[[Database], World]) -> Iterator[World]:
    """A source whose log is written by nobody until the next start, unless a session commits and waits for it."""
    made = world_of(server.create_database("shop"))
    made.run("orders", hour(0))
    ask(made.database, "CHECKPOINT")
    with stopped(walwriter(made)):
        yield made


def walwriter(world: World) -> int:
    """Its pid."""
    [(pid,)] = ask(world.database, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
    return int(pid)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process stands still, until the end or its own."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def may_not_hurry(world: World) -> None:
    """Let the role that reads commit nothing."""
    world.sql(
        "SET synchronous_commit = on; CREATE ROLE reader LOGIN; GRANT pg_read_all_stats TO reader; "
        "GRANT SELECT ON orders TO reader; REVOKE EXECUTE ON FUNCTION pg_catalog.txid_current() FROM PUBLIC",
        "CHECKPOINT",
    )
    world.reads = world.database.dsn.replace("postgres@", "reader@")


def last(world: World) -> Read:
    """The newest applied read."""
    read = world.head("orders").last
    assert read is not None
    return read


def test_rows_that_vanish_with_a_crash_vanish_from_current(world: World, server: PostgresServer) -> None:
    may_not_hurry(world)
    world.sql(ROW.format(1, "seen, then lost"))
    [(lost,)] = world.source("SELECT xmin::text FROM orders")
    outcome = world.run("orders", hour(0), run_id="again")
    assert (outcome.rows, outcome.watermark) == (1, "")
    assert last(world).reasons == ("what was seen was not yet durable",)
    assert world.current("orders", "id") == [(1,)]
    crash(server)
    server.start()
    world.sql(ROW.format(2, "under the same xid"))
    assert world.source("SELECT id, xmin::text FROM orders") == [(2, lost)]
    world.run("orders", hour(1))
    assert world.current("orders", "id, note") == [(2, "under the same xid")]
    assert (last(world).kind, last(world).reasons[0][:30]) == (Kind.RELOAD, "reloaded: the source crashed b")
    world.sql("SET synchronous_commit = on; GRANT EXECUTE ON FUNCTION pg_catalog.txid_current() TO PUBLIC")
    assert world.run("orders", hour(2)).watermark


def test_what_was_not_durable_is_read_again_whole_and_then_sealed(world: World, server: PostgresServer) -> None:
    may_not_hurry(world)
    world.sql(ROW.format(1, "a"))
    world.run("orders", hour(0), run_id="again")
    assert last(world).watermark is None
    os.kill(walwriter(world), signal.SIGCONT)
    server.stop()  # in order, which writes everything
    server.start()
    outcome = world.run("orders", None)
    assert (outcome.rows, bool(outcome.watermark), last(world).kind) == (1, True, Kind.SLICE)
    assert "xmin" not in last_query(world)


def last_query(world: World) -> str:
    """The text of the newest read; the head's own copy has none."""
    run = world.table_run("orders")
    return run.ports.ledger.reads(run.target)[-1].query


def test_a_moment_is_waited_for_what_was_seen_to_reach_the_disk(
    world: World, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry = postgres_durable._hurry

    def then_write(connection: Any) -> None:
        hurry(connection)
        os.kill(walwriter(world), signal.SIGCONT)

    monkeypatch.setattr(postgres_durable, "_hurry", then_write)
    world.sql(ROW.format(1, "a"))
    outcome = world.run("orders", hour(0), run_id="again")
    assert (outcome.rows, bool(outcome.watermark)) == (1, True)
    crash(server)
    server.start()
    assert world.source("SELECT id FROM orders") == [(1,)]
    world.run("orders", hour(1))
    assert last(world).kind is Kind.SLICE
