"""Slices read from a standby and sealed by its primary (R8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from floodmark.adapters.postgres import shards
from floodmark.adapters.postgres import standby as postgres_standby
from floodmark.core.ledger.coverage import provisional, sealed, sealed_up_to
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import FAST, Database, PostgresServer, temporary_folder
from floodmark.errors import SourceUnavailable
from tests.pipeline.conftest import START, World, hour
from tests.pipeline.servers import ask, standby, until

ROW = "INSERT INTO orders VALUES ({}, '{}', 1, '2026-11-01T{}Z')"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """A primary and its standby."""
    with (
        temporary_folder() as folder,
        PostgresServer(folder=folder / "primary", settings=FAST) as primary,
        standby(primary, folder / "standby") as copy,
    ):
        yield primary, copy


@pytest.fixture
def copy(pair: tuple[PostgresServer, PostgresServer]) -> Iterator[PostgresServer]:
    """The standby; its replay goes on afterwards."""
    yield pair[1]
    ask(pair[1].database(), "SELECT pg_wal_replay_resume()")


@pytest.fixture
def world(
    request: pytest.FixtureRequest,
    pair: tuple[PostgresServer, PostgresServer],
    copy: PostgresServer,
    world_of: Callable[[Database], World],
) -> World:
    """Written on the primary, read on the standby, sealed by the primary."""
    name = request.node.name[:60]
    made = world_of(pair[0].create_database(name))
    made.reads, made.seal = copy.database(name).dsn, made.database.dsn
    catch_up(made, copy)
    return made


def catch_up(world: World, copy: PostgresServer) -> None:
    """Wait until the standby has replayed all that was written."""
    [(end,)] = world.source("SELECT pg_current_wal_insert_lsn()")
    until(lambda: ask(copy.database(), f"SELECT pg_last_wal_replay_lsn() >= '{end}'") == [(True,)])


@pytest.mark.slow
def test_a_late_commit_on_the_primary_is_held_back(world: World) -> None:
    late = world.connect()
    late.autocommit = False
    with late.cursor() as cursor:
        cursor.execute("INSERT INTO orders VALUES (1, 'late', 1, now())")
    [(now,)] = world.source("SELECT clock_timestamp()")
    asked = Interval(low=START, high=now)
    first = world.run("orders", asked)
    assert (first.rows, "pid" in first.held_by, first.basis) == (0, True, "proved")
    late.commit()
    late.close()
    assert world.run("orders", None).rows == 1
    assert world.current("orders", "id") == [(1,)]
    coverage = world.head("orders").coverage
    assert (provisional(coverage), sealed_up_to(coverage, START)) == ((), now)


@pytest.mark.slow
def test_a_slice_is_not_sealed_by_a_standby_that_is_behind(
    world: World, copy: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run("orders", hour(0))
    monkeypatch.setattr(postgres_standby, "WAIT", timedelta(seconds=0.5))
    ask(copy.database(), "SELECT pg_wal_replay_pause()")
    world.sql(ROW.format(1, "a", "01:10"))
    with pytest.raises(SourceUnavailable, match=r"SELECT pg_wal_replay_resume\(\) there"):
        world.run("orders", hour(1))
    head = world.head("orders")
    assert (sealed(head.coverage), head.error, head.open) == ((hour(0),), "", None)
    ask(copy.database(), "SELECT pg_wal_replay_resume()")
    monkeypatch.undo()
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(1,)]
    assert sealed(world.head("orders").coverage) == (hour(0, 2),)


@pytest.mark.slow
def test_an_older_state_than_the_last_read_saw_is_never_read(
    world: World, copy: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without seal_connection nothing is sealed; but the order of reads is that of what they saw all the same (R13)."""
    replica, world.reads, world.seal = world.reads, "", ""
    world.sql(ROW.format(1, "old", "00:10"))
    catch_up(world, copy)
    ask(copy.database(), "SELECT pg_wal_replay_pause()")
    world.sql("UPDATE orders SET note = 'new'")
    world.run("orders", hour(0))
    world.reads = replica
    monkeypatch.setattr(postgres_standby, "WAIT", timedelta(seconds=0.5))
    with pytest.raises(SourceUnavailable, match="has not replayed"):
        world.run("orders", hour(0), run_id="again")
    assert world.current("orders", "note") == [("new",)]
    ask(copy.database(), "SELECT pg_wal_replay_resume()")
    monkeypatch.undo()
    world.run("orders", hour(0), run_id="again")
    assert world.current("orders", "note") == [("new",)]


def test_a_standby_that_does_not_tell_its_timeline_seals_on_an_assumption(world: World, copy: PostgresServer) -> None:
    world.sql(
        "DO $$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN CREATE ROLE reader LOGIN; "
        "END IF; END$$",
        "GRANT SELECT ON orders TO reader",
        ROW.format(1, "a", "00:10"),
    )
    catch_up(world, copy)
    world.reads = world.reads.replace("postgres@", "reader@")
    outcome = world.run("orders", hour(0))
    assert (outcome.basis, outcome.rows) == ("assumed", 1)
    assert any("which timeline it follows" in reason for reason in world.head("orders").last.reasons)  # type: ignore[union-attr]


@pytest.mark.slow
def test_several_readers_share_a_snapshot_of_the_standby(
    world: World, copy: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LEAST_BLOCKS", 1)
    world.tables = "{orders: {readers: 3}}"
    world.sql("INSERT INTO orders SELECT g, repeat('x', 500), 0, now() FROM generate_series(1, 200) AS g")
    catch_up(world, copy)
    world.run("orders", None, Kind.RELOAD)
    last = world.head("orders").last
    assert last is not None
    assert last.manifest is not None
    assert len(last.manifest.objects) == 3
    assert world.current("orders", "COUNT(DISTINCT id)") == [(200,)]
