"""Source and current compared key by key: what differs is found, told, and healed; nothing else is (R25)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed


def orders(world: World, rows: int = 5) -> None:
    """Some orders of the first hour, read and sealed."""
    world.sql(
        "INSERT INTO orders SELECT g, 'n' || g, g, timestamptz '2026-11-01T00:10Z' + g * interval '1 ms' "
        f"FROM generate_series(1, {rows}) g"
    )
    world.run("orders", hour(0))


@pytest.mark.slow
def test_a_hard_delete_is_found_told_and_healed(world: World) -> None:
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 3")
    told = compared(world)
    assert counts(told) == (0, 0, 1, 0)
    assert told.examples["deleted"] == ("3",)
    assert world.current("orders", "id") == [(1,), (2,), (3,), (4,), (5,)]
    assert counts(healed(world)) == (0, 0, 1, 0)
    assert world.current("orders", "id") == [(1,), (2,), (4,), (5,)]
    assert world.raw("orders", "id, note", "_floodmark_read_at, id")[-1] == (3, None)
    assert counts(healed(world)) == (0, 0, 0, 0)
    head = world.head("orders")
    assert head.last is not None
    assert head.reconciled_at == head.last.read_at
    assert (head.open, head.error, head.holder) == (None, "", "")


def test_a_report_writes_nothing_to_the_ledger(world: World) -> None:
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 3")
    before = world.head("orders")
    compared(world)
    after = world.head("orders")
    assert (after.last, after.last_read_at, after.coverage) == (before.last, before.last_read_at, before.coverage)
    assert after.reconciled_at is None


@pytest.mark.slow
def test_a_changed_key_a_silent_update_and_a_lost_row_are_healed(world: World) -> None:
    orders(world)
    world.sql("UPDATE orders SET id = 30 WHERE id = 3", "UPDATE orders SET note = 'silent' WHERE id = 4")
    world.google.bigquery_client().query(f"DELETE FROM `{world.datasets.current}.orders` WHERE id = 5").result()
    found = healed(world)
    assert counts(found) == (2, 1, 1, 0)
    assert sorted(found.examples["missing"]) == ["30", "5"]
    assert (found.examples["changed"], found.examples["deleted"]) == (("4",), ("3",))
    assert world.current("orders", "id, note") == [(1, "n1"), (2, "n2"), (4, "silent"), (5, "n5"), (30, "n3")]
    assert counts(compared(world)) == (0, 0, 0, 0)


@pytest.mark.slow
def test_where_nothing_differs_the_read_is_evidence_and_nothing_else(world: World) -> None:
    orders(world)
    before = len(world.raw("orders"))
    found = healed(world)
    assert found.outcome is not None
    assert (found.well, found.outcome.state, found.outcome.rows, found.outcome.changed) == (True, "applied", 0, False)
    run = world.table_run("orders")
    [*_, last] = run.ports.ledger.reads(run.target)
    assert (last.kind, last.state, last.spans, last.watermark, last.effects) == (
        Kind.RECONCILE,
        State.APPLIED,
        (),
        None,
        (),
    )
    assert len(world.raw("orders")) == before


@pytest.mark.slow
@pytest.mark.parametrize("again", ["update", "delete"])
def test_the_slices_go_on_as_if_no_reconcile_had_been(world: World, again: str) -> None:
    orders(world)
    before = world.head("orders").coverage
    world.sql("DELETE FROM orders WHERE id = 3")
    healed(world)
    assert world.head("orders").coverage == before
    world.sql("INSERT INTO orders VALUES (3, 'back', 1, '2026-11-01T01:10Z')")
    if again == "delete":
        world.sql("UPDATE orders SET note = 'x', updated_at = '2026-11-01T01:20Z' WHERE id = 1")
    assert world.run("orders", hour(1)).late == 0
    assert (3, "back") in world.current("orders", "id, note")


@pytest.mark.slow
def test_rows_that_are_brought_back_to_partitions_which_had_expired_are_told(world: World) -> None:
    """BigQuery drops a partition at its day plus the expiration: the table asks for none, and somebody set one."""
    world.tables = "{orders: {partition_by: made}}"
    world.sql("ALTER TABLE orders ADD made date")
    world.sql(
        "INSERT INTO orders SELECT g, 'n', g, timestamptz '2026-11-01T00:10Z', date '2026-11-01' - 20 * g::int "
        "FROM generate_series(0, 3) g"
    )
    world.run("orders", hour(0))
    client = world.google.bigquery_client()
    reference = f"{world.datasets.current}.orders"
    table = client.get_table(reference)
    cut = table.time_partitioning
    cut.expiration_ms = 50 * 86_400_000
    table.time_partitioning = cut
    client.update_table(table, ["time_partitioning"])
    client.query(f"DELETE FROM `{reference}` WHERE made < '2026-10-01'").result()
    found = healed(world)
    assert counts(found) == (2, 0, 0, 0)
    [note] = found.notes
    assert note.startswith("2 partitions of what is healed are older than 50d, after which partitions of ")
    assert found.document()["notes"] == [note]
    assert client.get_table(reference).time_partitioning.expiration_ms is None
    assert healed(world).notes == ()
