"""A source behind PgBouncer, which gives every transaction whichever backend is free (R1, R4)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import psycopg2
import pytest

from floodmark.adapters.postgres import shards
from floodmark.adapters.postgres.connect import SETTINGS
from floodmark.adapters.postgres.look import own_reads
from floodmark.core.ledger.coverage import sealed_up_to
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import PostgresServer, temporary_folder
from tests.pipeline.conftest import START, World, hour
from tests.pipeline.pooler import Pooler

pytestmark = pytest.mark.long

BACKENDS = 4
"""One more than a read needs: one holds the table, one reads, and a third may have to hurry the log on."""


@pytest.fixture(scope="module")
def pooler(postgres: PostgresServer) -> Iterator[Pooler]:
    """PgBouncer over the session's server."""
    with temporary_folder() as folder, Pooler(folder=folder, server=postgres.database(), size=BACKENDS) as started:
        yield started


@pytest.fixture
def pooled(world: World, pooler: Pooler) -> World:
    """A world that is read through the pooler."""
    world.reads = pooler.dsn(world.database.dbname)
    return world


def rows(cursor: Any, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    cursor.execute(statement)
    return list(cursor.fetchall())


def open_on_every_backend(world: World, stack: ExitStack) -> list[Any]:
    """A cursor per backend, each in a transaction that has no xid yet."""
    cursors = []
    for _ in range(BACKENDS):
        connection = stack.enter_context(closing(psycopg2.connect(world.reads)))
        cursors.append(connection.cursor())
        rows(cursors[-1], "SELECT now()")
    return cursors


def test_what_many_sessions_write_through_the_same_pool_is_read_in_full(pooled: World) -> None:
    def write(number: int) -> None:
        with closing(psycopg2.connect(pooled.reads)) as connection, connection.cursor() as cursor:
            for row in range(20):
                cursor.execute("INSERT INTO orders VALUES (%s, 'x', 1, now())", (100 * number + row,))
                cursor.execute("SELECT pg_sleep(0.02)")
                connection.commit()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    low = START
    while any(writer.is_alive() for writer in writers):
        [(high,)] = pooled.source("SELECT clock_timestamp()")
        pooled.run("orders", Interval(low=low, high=high), run_id=str(high))
        low = high
    [(high,)] = pooled.source("SELECT clock_timestamp()")
    pooled.run("orders", Interval(low=low, high=high), run_id="last")
    assert pooled.current("orders", "id") == pooled.source("SELECT id FROM orders ORDER BY 1")
    assert len(pooled.current("orders")) == 120
    assert sealed_up_to(pooled.head("orders").coverage, START) == high


def test_a_writer_on_a_backend_that_read_for_us_holds_the_seal_back(pooled: World) -> None:
    """Its transaction has no xid yet when we look; only the name that SET LOCAL gave tells our own reads apart."""
    pooled.run("orders", hour(0))
    with ExitStack() as stack:
        writers = open_on_every_backend(pooled, stack)
        pids = {rows(writer, "SELECT pg_backend_pid()")[0][0] for writer in writers}
        [(now,)] = pooled.source("SELECT clock_timestamp()")
        pooled.reads = ""  # the pool is exhausted: look from outside
        pooled.run("orders", Interval(low=START, high=now), run_id="second")
        held = pooled.head("orders").last.held_by  # type: ignore[union-attr]
        assert {holder.pid for holder in held} >= pids
        for number, writer in enumerate(writers):
            writer.execute("INSERT INTO orders VALUES (%s, 'late', 1, now())", (number,))
            writer.connection.commit()
    assert pooled.run("orders", None).rows == BACKENDS
    assert pooled.current("orders", "id") == [(0,), (1,), (2,), (3,)]


def test_a_transaction_that_wrote_is_never_taken_for_our_own_read(pooled: World) -> None:
    """Whoever bears our name with an xid is somebody else."""
    ours = own_reads(pooled.table_run("orders").ports.ledger.uuid)
    with closing(psycopg2.connect(pooled.reads)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', %s, true)", (ours,))
        cursor.execute("INSERT INTO orders VALUES (1, 'late', 1, now())")
        [(now,)] = pooled.source("SELECT clock_timestamp()")
        outcome = pooled.run("orders", Interval(low=START, high=now))
        assert (outcome.rows, ours in outcome.held_by) == (0, True)
        connection.commit()
    assert pooled.run("orders", None).rows == 1


def test_nothing_that_a_read_sets_stays_with_its_backend(pooled: World) -> None:
    pooled.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    pooled.run("orders", hour(0))
    names = [*SETTINGS, "lock_timeout", "statement_timeout", "application_name", "transaction_isolation"]
    # The pooler itself sets some for each client.
    for tracked in ("client_encoding", "timezone", "datestyle", "standard_conforming_strings", "application_name"):
        names.remove(tracked)
    with ExitStack() as stack:
        fresh = stack.enter_context(closing(psycopg2.connect(pooled.database.dsn))).cursor()
        for backend in open_on_every_backend(pooled, stack):
            for name in names:
                assert rows(backend, f"SHOW {name}") == rows(fresh, f"SHOW {name}")
            assert "floodmark/" not in rows(backend, "SHOW application_name")[0][0]


def test_a_table_for_several_readers_is_read_by_one_there_and_the_reason_told(
    pooled: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LEAST_BLOCKS", 1)
    pooled.tables = "{orders: {readers: 3}}"
    pooled.sql("INSERT INTO orders SELECT g, repeat('x', 500), 0, now() FROM generate_series(1, 200) AS g")
    pooled.run("orders", None, Kind.RELOAD)
    last = pooled.head("orders").last
    assert last is not None
    assert last.manifest is not None
    assert [one.rows for one in last.manifest.objects] == [200]
    assert "readers: 3: one reader reads it all: the connection leads through a pooler" in caplog.text
