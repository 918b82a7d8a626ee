"""Whatever fails for good is in the table's head, whichever step and class it was, until a good read (R16)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, SourceRefused
from floodmark.pipeline.decide import decide
from floodmark.pipeline.reports.status import status
from tests.pipeline.conftest import World, hour

ROW = "INSERT INTO orders (id, note, amount, updated_at) VALUES ({0}, 'a', 1, '2026-11-01T0{0}:10Z')"


def told(world: World, table: str = "orders") -> str:
    """What ``status`` says is wrong with a table."""
    run = world.table_run(table)
    [one] = [one for one in status(run.config, run.ports.ledger, datetime.now(UTC)) if one.table == table]
    assert one.well is not bool(one.error)
    return one.error


@pytest.mark.slow
def test_a_dropped_primary_key_is_told_and_a_good_read_clears_it(world: World) -> None:
    world.sql(ROW.format(0))
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders DROP CONSTRAINT orders_pkey")
    with pytest.raises(ConfigurationError, match="no primary key"):
        world.run("orders", hour(1))
    assert told(world).startswith("ConfigurationError: shop.yml: tables.orders.key: public.orders has no primary key")
    world.sql("ALTER TABLE orders ADD PRIMARY KEY (id)", ROW.format(1))
    world.run("orders", hour(1))
    assert (told(world), world.current("orders", "id")) == ("", [(0,), (1,)])


@pytest.mark.slow
def test_a_run_that_finds_nothing_due_clears_it_too(world: World) -> None:
    world.sql(ROW.format(0))
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders RENAME TO elsewhere")
    with pytest.raises(SourceRefused, match="no such table"):
        world.run("orders", hour(1))
    assert "no such table" in told(world)
    world.sql("ALTER TABLE elsewhere RENAME TO orders")
    world.run("orders", None)
    assert told(world) == ""


def test_a_missing_database_is_told(world: World) -> None:
    world.reads = f"{world.database.dsn}_nowhere"
    with pytest.raises(ConfigurationError, match=r"connection shop_db: .*3D000"):
        world.run("orders", hour(0))
    assert "3D000" in told(world)


def test_a_select_that_vanished_is_told(world: World) -> None:
    def vanished() -> str:
        raise ConfigurationError([])

    with pytest.raises(ConfigurationError):
        world.run("orders", hour(0), own_select=vanished)
    assert told(world).startswith("ConfigurationError")


def test_a_defect_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("our own")

    monkeypatch.setattr("floodmark.pipeline.extract.decide", broken)
    with pytest.raises(ZeroDivisionError):
        world.run("orders", hour(0))
    assert told(world) == "ZeroDivisionError: our own"
    monkeypatch.setattr("floodmark.pipeline.extract.decide", decide)
    world.run("orders", hour(0))
    assert told(world) == ""


@pytest.mark.parametrize(
    ("column", "keys", "says"),
    [
        ('"a\u200bb" text', "", r'tables.orders.columns: .*U\+200B in a column.*rename: {"a.u200bb": ab}'),
        ('"a\tb" text', "", r'tables.orders.columns: .*U\+0009 in a column.*rename: {"a.tb": a_b}'),
        ('" " text', "", "tables.orders.columns: .*blank"),
        ('"a.b" text', "", "tables.orders.columns: .*allows no"),
        ("weight double precision", "cluster_by: weight", 'cluster_by: "weight" is FLOAT64'),
    ],
    ids=["zero width", "control", "blank", "barred", "clustered by a float"],
)
def test_what_bigquery_would_refuse_is_refused_before_anything_is_read(
    world: World, column: str, keys: str, says: str
) -> None:
    world.tables = f"{{orders: {{{keys}}}}}"
    world.sql(f"ALTER TABLE orders ADD COLUMN {column}", ROW.format(0))
    for kind, interval in ((Kind.SLICE, hour(0)), (Kind.RELOAD, None)):
        with pytest.raises(ConfigurationError, match=says):
            world.run("orders", interval, kind)
    head = world.head("orders")
    assert (head.open, head.last, head.last_read_at) == (None, None, None)
    assert told(world).startswith("ConfigurationError: shop.yml: tables.orders")
    assert list(world.google.storage_client().list_blobs(world.bucket)) == []
