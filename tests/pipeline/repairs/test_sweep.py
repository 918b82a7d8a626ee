"""Old files leave the stage; those of an open read don't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.pipeline.extract import extract
from floodmark.pipeline.repairs.sweep import sweep
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour


def files(world: World) -> int:
    """How many objects the stage holds."""
    return len(list(world.google.storage_client().list_blobs(world.bucket)))


@pytest.mark.slow
def test_files_go_when_they_are_older_than_the_retention(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    run, now = world.table_run("orders"), datetime.now(UTC)
    assert sweep(run.config, run.ports, now + timedelta(days=6)) == 0
    assert sweep(run.config, run.ports, now + timedelta(days=8)) == 2
    assert files(world) == 0


def test_what_an_open_read_staged_stays_however_old(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="first", interval=hour(0)))
    run = world.table_run("orders")
    assert sweep(run.config, run.ports, datetime.now(UTC) + timedelta(days=80)) == 0
    world.run("orders", hour(0), run_id="first")
    assert world.current("orders", "id") == [(1,)]
