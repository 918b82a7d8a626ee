"""``retention: {stage: 0}``: a read's files go as soon as it is applied; whoever is killed before that, later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import StageUnavailable
from floodmark.pipeline.extract import extract
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.load import load
from floodmark.pipeline.repairs.sweep import sweep
from floodmark.pipeline.table_run import Request, TableRun
from tests.pipeline.conftest import World, hour

ORDER = "INSERT INTO orders VALUES ({}, 'a', 1, '2026-11-01T{}Z')"


@pytest.fixture
def shop(world: World) -> World:
    """Nothing is kept in the stage."""
    world.place = "}\n            retention: {stage: 0"
    world.tables = "{orders: , products: {sync: full}}"
    world.sql("CREATE TABLE products (id int PRIMARY KEY)", "INSERT INTO products VALUES (1)")
    world.sql(ORDER.format(1, "00:10"))
    return world


def files(world: World) -> int:
    return len(list(world.google.storage_client().list_blobs(world.bucket)))


def staged(world: World, table: str, run_id: str) -> str:
    interval = hour(0) if table == "orders" else None
    request = Request(kind=Kind.SLICE, run_id=run_id, interval=interval)
    return extract(world.table_run(table), request).read_at


def test_files_stay_until_they_are_applied_and_no_longer(shop: World) -> None:
    read_at = staged(shop, "orders", "first")
    assert files(shop) == 2
    load(shop.table_run("orders"), read_at)
    assert (files(shop), shop.current("orders", "id")) == (0, [(1,)])


@pytest.mark.slow
def test_a_refresh_that_found_nothing_new_leaves_none(shop: World) -> None:
    shop.run("products", None, run_id="first")
    shop.run("products", None, run_id="second")
    assert files(shop) == 0


class Killed(Exception):
    """The process ends here."""


@pytest.mark.slow
def test_who_is_killed_between_leaves_them_to_the_next_run(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read_at = staged(shop, "orders", "first")
    with monkeypatch.context() as patched:
        patched.setattr("floodmark.pipeline.load.clear", kill)
        with pytest.raises(Killed):
            load(shop.table_run("orders"), read_at)
    assert (files(shop), shop.current("orders", "id")) == (2, [(1,)])
    shop.sql(ORDER.format(2, "01:10"))
    shop.run("orders", hour(1))
    assert (files(shop), shop.current("orders", "id")) == (0, [(1,), (2,)])


@pytest.mark.slow
def test_who_is_killed_after_it_finds_nothing_to_do(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read_at = staged(shop, "orders", "first")
    with monkeypatch.context() as patched:
        patched.setattr("floodmark.pipeline.load.rows_left", lambda *_: 1)
        write = Lease.write

        def until_closed(lease: Lease, *arguments: object, **named: object) -> None:
            if not files(shop):
                raise Killed
            write(lease, *arguments, **named)  # type: ignore[arg-type]

        patched.setattr(Lease, "write", until_closed)
        with pytest.raises(Killed):
            load(shop.table_run("orders"), read_at)
    assert load(shop.table_run("orders"), read_at).state == "applied"
    assert (files(shop), shop.current("orders", "id")) == (0, [(1,)])


def test_files_that_can_t_be_deleted_hold_nothing_up(
    shop: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read_at, run = staged(shop, "orders", "first"), shop.table_run("orders")
    monkeypatch.setattr(type(run.ports.stage), "remove", unavailable)
    assert load(run, read_at).state == "applied"
    assert "files stay in the stage until the upkeep sweeps it" in caplog.text


def test_the_upkeep_takes_what_was_left_once_it_is_a_day_old(shop: World) -> None:
    staged(shop, "orders", "first")
    run: TableRun = shop.table_run("orders")
    now = datetime.now(UTC)
    assert sweep(run.config, run.ports, now + timedelta(days=3)) == 0  # its read is open
    with run.lease() as lease:
        from floodmark.pipeline.repairs.void import abandon

        abandon(run, lease, "given up")
    assert sweep(run.config, run.ports, now + timedelta(hours=1)) == 0
    assert sweep(run.config, run.ports, now + timedelta(hours=25)) == 2


def kill(*_: object) -> None:
    raise Killed


def unavailable(*_: object) -> None:
    raise StageUnavailable("no answer")
