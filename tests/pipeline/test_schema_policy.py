"""A table's ``schema``: a change of the source's columns is followed, refused, or left out, and never silent (R26)."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.balance import Depth
from floodmark.core.ledger.portion import Kind
from floodmark.errors import SourceChanged
from floodmark.pipeline import wiring
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.check import Known, online
from floodmark.pipeline.reports.plan import plan
from floodmark.pipeline.reports.status import status
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

ROWS = "INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g"
KINDS = {
    "added": ("ALTER TABLE orders ADD phone text", 'column "phone" is new'),
    "dropped": ("ALTER TABLE orders DROP note", 'column "note" is gone from the source'),
    "retyped": (
        "ALTER TABLE orders ALTER amount TYPE numeric(14,4)",
        'column "amount" is numeric(14,4), and was numeric(12,2)',
    ),
}


def reasons(world: World) -> tuple[str, ...]:
    last = world.head("orders").last
    assert last is not None
    return last.reasons


def warnings(world: World) -> tuple[str, ...]:
    """What ``check --online`` says."""
    connections = LocalConnections({}, dsns={"shop_db": world.database.dsn})
    run = world.table_run("orders")
    with closing(wiring.inspection(connections, "shop_db", has_primary=False)) as source:
        known = Known(source=source, own_select=lambda _: "", heads=lambda _: world.head("orders"))
        [check] = online(run.config, "shop.yml", known)
    return check.warnings


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_frozen_is_refused_before_anything_is_read_until_a_person_takes_it(world: World, kind: str) -> None:
    world.tables = "{orders: {schema: freeze}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    statement, words = KINDS[kind]
    world.sql(statement)
    assert any(words in one and "its runs are refused" in one for one in warnings(world))
    for call in (
        lambda: world.run("orders", hour(1)),
        lambda: plan(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="r", interval=hour(1)), lambda _: 0),
    ):
        with pytest.raises(SourceChanged) as caught:
            call()
        for part in (
            words,
            f"schema.{kind}: freeze",
            f"write schema: {{{kind}: evolve}}",
            "floodmark reload shop orders",
        ):
            assert part in str(caught.value)
    head = world.head("orders")
    assert head.open is None
    assert "SourceChanged" in head.error
    world.run("orders", None, Kind.RELOAD)
    world.run("orders", hour(1))
    assert world.head("orders").error == ""


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_frozen_by_itself(world: World, kind: str) -> None:
    world.tables = f"{{orders: {{schema: {{{kind}: freeze}}}}}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql(*(statement for name, (statement, _) in KINDS.items() if name != kind))
    world.run("orders", hour(1))
    assert any(words in reason for name, (_, words) in KINDS.items() if name != kind for reason in reasons(world))


def test_a_dropped_column_is_told_once_and_null_in_what_is_read_since(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders DROP note", "UPDATE orders SET updated_at = '2026-11-01T01:10Z' WHERE id = 2")
    told = 'column "note" is gone from the source'
    request = Request(kind=Kind.SLICE, run_id="r", interval=hour(1))
    assert any(told in note for note in plan(world.table_run("orders"), request, lambda _: 0).notes)
    assert any(told in one for one in warnings(world))
    world.run("orders", hour(1))
    assert any(told in reason for reason in reasons(world))
    assert world.current("orders", "id, note") == [(1, "n1"), (2, None), (3, "n3")]
    world.sql("INSERT INTO orders (id, updated_at) VALUES (4, '2026-11-01T02:10Z')")
    world.run("orders", hour(2))
    assert not any("note" in reason for reason in reasons(world))
    run = world.table_run("orders")
    [table] = status(run.config, run.ports.ledger, hour(9).low)
    assert table.retired == ("note",)


def test_a_dropped_column_under_discard_is_said_by_status_alone(world: World) -> None:
    world.tables = "{orders: {schema: {dropped: discard}}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders DROP note", "INSERT INTO orders (id, updated_at) VALUES (4, '2026-11-01T01:10Z')")
    world.run("orders", hour(1))
    assert not any("note" in reason for reason in reasons(world))
    assert world.current("orders", "id, note") == [(1, "n1"), (2, "n2"), (3, "n3"), (4, None)]
    run = world.table_run("orders")
    [table] = status(run.config, run.ports.ledger, hour(9).low)
    assert table.retired == ("note",)


@pytest.mark.parametrize("parts", ["", ", first_load_rows: 2"])
def test_a_column_that_comes_back_later_does_not_show_what_another_had(world: World, parts: str) -> None:
    world.tables = f"{{orders: {{recheck: 0{parts}}}}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders DROP note")
    world.run("orders", hour(1))
    world.run("orders", hour(2))
    world.sql("ALTER TABLE orders ADD note text", "UPDATE orders SET note = 'new' WHERE id = 2")
    world.run("orders", hour(3))
    assert world.current("orders", "id, note") == [(1, None), (2, "new"), (3, None)]
    assert any("note of the target was another column's" in reason for reason in reasons(world))


def test_a_type_that_the_target_cannot_follow_goes_to_a_column_beside(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders ALTER amount TYPE text USING 'x' || amount::int")
    request = Request(kind=Kind.SLICE, run_id="r", interval=hour(1))
    found = plan(world.table_run("orders"), request, lambda _: 0)
    assert found.kind is Kind.RELOAD
    assert any('goes to "amount__string" of the target' in note for note in found.notes)
    world.run("orders", hour(1))
    rows = [(1, None, "x1"), (2, None, "x2"), (3, None, "x3")]
    assert world.current("orders", "id, amount, amount__string") == rows
    world.sql("UPDATE orders SET amount = 'y', updated_at = '2026-11-01T02:10Z' WHERE id = 2")
    world.run("orders", hour(2))
    last = world.head("orders").last
    assert last is not None
    assert last.kind is Kind.SLICE
    assert world.current("orders", "id, amount, amount__string") == [rows[0], (2, None, "y"), rows[2]]
    found_by = balance(world.table_run("orders"), Depth.ROWS, everything=True).balance
    assert (found_by.missing, found_by.surplus, found_by.differing) == (0, 0, 0)
    world.sql("ALTER TABLE orders ALTER amount TYPE date USING '2026-11-01'")
    world.run("orders", hour(3))
    day = date(2026, 11, 1)
    assert world.current("orders", "id, amount__string, amount__date") == [(n, None, day) for n in (1, 2, 3)]
    staged = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="anew", anew=True))
    load(world.table_run("orders"), staged.read_at)
    assert world.current("orders", "id, amount") == [(n, day) for n in (1, 2, 3)]


def test_digits_that_the_target_cannot_follow_go_beside_also_where_no_row_was_written_anew(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders ALTER amount TYPE numeric(90,2)")
    world.run("orders", hour(1))
    assert world.current("orders", "id, amount, amount__string")[0] == (1, None, "1.00")


@pytest.mark.parametrize("tables", ["{orders: {key: amount}}", "{orders: {schema: {retyped: freeze}}}"])
def test_a_type_that_has_no_place_beside_is_refused_with_the_command_that_rebuilds(world: World, tables: str) -> None:
    world.tables = tables
    world.sql("ALTER TABLE orders ALTER amount SET NOT NULL, ADD UNIQUE (amount)", ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders ALTER amount TYPE text")
    assert any("reload --anew shop orders" in one or "retyped: freeze" in one for one in warnings(world))
    for kind in (Kind.SLICE, Kind.RELOAD):
        with pytest.raises(SourceChanged, match=r"nothing is read.*floodmark reload --anew shop orders$"):
            world.run("orders", hour(1) if kind is Kind.SLICE else None, kind)
    staged = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="anew", anew=True))
    load(world.table_run("orders"), staged.read_at)
    world.run("orders", hour(1))
    assert world.current("orders", "amount") == [("1.00",), ("2.00",), ("3.00",)]


def test_a_dropped_columns_name_with_another_type_goes_beside(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders DROP amount")
    world.run("orders", hour(1))
    world.sql("ALTER TABLE orders ADD amount text", "INSERT INTO orders VALUES (4, 'n', '2026-11-01T02:10Z', 'x')")
    world.run("orders", hour(2))
    assert world.current("orders", "id, amount, amount__string")[2:] == [(3, 3, None), (4, None, "x")]
