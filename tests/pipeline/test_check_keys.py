"""Keys are unique over the whole of current: a broken ``partition_by`` is found, and a reload heals it (R20, R28)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import KeysDoubled, TargetMismatch
from floodmark.pipeline.check_keys import check_keys
from tests.pipeline.conftest import World, hour


@pytest.mark.slow
def test_a_partition_value_that_changed_is_found_and_a_reload_heals_it(world: World) -> None:
    world.tables = "{orders: {partition_by: made}}"
    world.sql(
        "ALTER TABLE orders ADD made date NOT NULL DEFAULT '2026-11-01'",
        "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z'), (2, 'b', 1, '2026-11-01T00:10Z')",
    )
    world.run("orders", hour(0))
    assert check_keys(world.table_run("orders"))
    world.sql("UPDATE orders SET made = '2026-11-05', updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    world.run("orders", hour(1))
    assert world.head("orders").error == ""
    with pytest.raises(KeysDoubled, match=r"1 keys \(id\) stand more than once.*reload"):
        check_keys(world.table_run("orders"))
    world.run("orders", hour(2))
    assert "KeysDoubled" in world.head("orders").error, "a slice heals nothing"
    world.run("orders", None, Kind.RELOAD)
    assert world.head("orders").error == ""
    assert check_keys(world.table_run("orders"))
    assert world.current("orders", "id, CAST(made AS STRING)") == [(1, "2026-11-05"), (2, "2026-11-01")]


def test_what_has_no_key_or_was_never_read_is_not_asked(world: World) -> None:
    world.tables = "{orders: , events: {sync: append, cursor: at}}"
    world.sql("CREATE TABLE events (at timestamptz NOT NULL)", "INSERT INTO events VALUES ('2026-11-01T00:10Z')")
    assert check_keys(world.table_run("orders")).left_alone == "nothing of it was read yet"
    world.run("events", hour(0))
    assert check_keys(world.table_run("events")).left_alone == "it has no key"
    world.run("orders", hour(0))
    empty = check_keys(world.table_run("orders"))
    assert (bool(empty), empty.left_alone) == (False, "nothing was loaded into it yet"), "an empty read makes no table"


@pytest.mark.slow
def test_a_table_that_somebody_dropped_is_no_table_without_a_key(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.run("orders", hour(1))  # whose read was empty
    run = world.table_run("orders")
    world.google.bigquery_client().delete_table(run.target)
    with pytest.raises(TargetMismatch, match="orders is gone, though the ledger has reads of it; undelete it"):
        check_keys(run)
