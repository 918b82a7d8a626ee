"""Columns that change while a run is under way: between its look and its snapshot, and before it loads (R1, R32)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.requested import Requester
from floodmark.errors import SourceUnavailable
from floodmark.pipeline import extract as extracts
from floodmark.pipeline.decide import Decision
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, TableRun
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

ROWS = (
    "INSERT INTO orders SELECT g, 'n' || g, g, timestamptz '2026-11-01T00:10Z' + (g - 1) * interval '1 hour' "
    "FROM generate_series(1, 2) g"
)
CHANGES = {
    "swapped": (
        "ALTER TABLE orders ALTER amount TYPE text",
        "ALTER TABLE orders RENAME note TO x",
        "ALTER TABLE orders RENAME amount TO note",
        "ALTER TABLE orders RENAME x TO amount",
    ),
    "added": ("ALTER TABLE orders ADD phone text DEFAULT '1'", "UPDATE orders SET phone = '2' WHERE id = 2"),
    "wider": ("ALTER TABLE orders ALTER amount TYPE numeric(20, 4)", "UPDATE orders SET amount = 1.5 WHERE id = 2"),
    "beside": ("ALTER TABLE orders ALTER amount TYPE text USING 'x' || amount",),
}


def overtaking(world: World, monkeypatch: pytest.MonkeyPatch, *changes: tuple[str, ...]) -> list[int]:
    """Has each decision be followed by one of the changes, before the table is held."""
    left, times = list(changes), []
    decide = extracts.decide

    def decided(*args: object) -> Decision:
        decision = decide(*args)  # type: ignore[arg-type]
        times.append(1)
        if left:
            world.sql(*left.pop(0))
        return decision

    monkeypatch.setattr("floodmark.pipeline.extract.decide", decided)
    return times


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_after_the_look_is_decided_anew(world: World, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    times = overtaking(world, monkeypatch, CHANGES[change])
    world.run("orders", hour(1))
    assert len(times) == 2
    run = world.table_run("orders")
    last = run.ports.ledger.head(run.target).last
    assert last is not None
    assert last.fingerprint is not None
    names = {column.name: column.in_target for column in last.fingerprint.columns}
    for name in ("note", "amount"):
        expected = world.source(f"SELECT id, {name}::text FROM orders WHERE id = 2 OR {change != 'added'} ORDER BY 1")
        found = {row[0]: row[1] for row in world.current("orders", f"id, CAST({names[name]} AS STRING)")}
        assert {key: float(value) if value and value[0].isdigit() else value for key, value in expected} == {
            key: float(found[key]) if found[key] and found[key][0].isdigit() else found[key] for key, _ in expected
        }


def test_a_table_that_changes_again_and_again_is_left_for_another_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sql(ROWS)
    adding = [(f"ALTER TABLE orders ADD c{number} int",) for number in range(3)]
    overtaking(world, monkeypatch, *adding)
    with pytest.raises(SourceUnavailable, match="between the look and the snapshot"):
        world.run("orders", hour(0))
    assert world.head("orders").open is None
    world.run("orders", hour(0))


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_staged_before_a_change_loads_and_the_next_run_acts_on_it(world: World, change: str) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    staged = extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="r", interval=hour(1)))
    world.sql(*CHANGES[change])
    load(world.table_run("orders"), staged.read_at)
    assert world.current("orders", "id, note, amount") == [(1, "n1", 1), (2, "n2", 2)]
    world.sql("UPDATE orders SET updated_at = '2026-11-01T02:10Z' WHERE id = 2")
    world.run("orders", hour(2))
    head = world.head("orders")
    assert head.error == ""
    assert head.last is not None
    assert head.last.kind is (Kind.SLICE if change == "added" else Kind.RELOAD)


def test_a_backfill_of_slices_from_before_the_changes_loads(world: World) -> None:
    """Added, dropped, widened and retyped columns: raw and current have rows from before, and prefetched slices."""
    world.tables = "{orders: {recheck: 0}}"
    world.sql(
        "ALTER TABLE orders ADD parts bigint",
        "INSERT INTO orders SELECT g, 'n' || g, g, timestamptz '2026-11-01T00:10Z' + (g - 1) * interval '1 hour', g "
        "FROM generate_series(1, 6) g",
    )
    world.run("orders", hour(4))
    world.run("orders", hour(5))

    def back(run: TableRun, number: int) -> None:
        request = Request(kind=Kind.SLICE, run_id=f"b{number}", interval=hour(number), by=Requester.BACKFILL)
        found = extract(run, request)
        if found.pending:
            load(world.table_run("orders"), found.read_at)

    back(world.table_run("orders"), 0)
    world.sql(
        "ALTER TABLE orders ADD phone text, DROP note",
        "ALTER TABLE orders ALTER parts TYPE numeric(20, 4), ALTER amount TYPE text",
        "UPDATE orders SET phone = 'p' || id WHERE id < 4",
    )
    for number in range(6):
        back(world.table_run("orders"), number)
    expected = world.source("SELECT id, phone, parts, amount FROM orders ORDER BY 1")
    assert world.current("orders", "id, phone, parts, amount__string") == expected
    assert world.head("orders").error == ""
