"""Types that are chosen otherwise later (R29), and what a table of chosen types goes through from run to run."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import BadValue, SettingChanged
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.balance import unlooked
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed

ANEW = Request(kind=Kind.RELOAD, run_id="anew", anew=True)
AT = "'2026-11-01T00:10Z'"


def things(world: World, columns: str, *rows: str, **keys: str) -> None:
    """A table, and what the file says of it."""
    world.sql(
        f"CREATE TABLE things (id int PRIMARY KEY, at timestamptz NOT NULL, {columns})",
        *(f"INSERT INTO things VALUES ({row})" for row in rows),
    )
    choose(world, **keys)


def choose(world: World, **keys: str) -> None:
    written = "".join(f", {key}: {value}" for key, value in keys.items())
    world.tables = f"{{things: {{cursor: at{written}}}}}"


@pytest.mark.slow
def test_another_type_is_refused_with_the_command_that_makes_the_target_anew(world: World) -> None:
    things(world, "price numeric", f"1, {AT}, 1.50")
    world.run("things", hour(0))
    choose(world, types="{price: NUMERIC}")
    with pytest.raises(SettingChanged, match=r'types: "price": STRING -> NUMERIC: .* reload --anew shop things$'):
        world.run("things", hour(1))
    found = extract(world.table_run("things"), ANEW)
    load(world.table_run("things"), found.read_at)
    assert world.current("things", "price") == [(Decimal("1.5"),)]
    choose(world)
    with pytest.raises(SettingChanged, match='types: "price": NUMERIC -> STRING'):
        world.run("things", hour(2))


@pytest.mark.slow
def test_a_wider_type_is_altered_and_all_rows_are_read_anew(world: World) -> None:
    things(world, "price int", f"1, {AT}, 2", types="{id: STRING}")
    world.run("things", hour(0))
    choose(world, types="{id: STRING, price: BIGNUMERIC}")
    world.run("things", hour(1))
    assert world.current("things", "id, price") == [("1", Decimal(2))]
    run = world.table_run("things")
    types = dict(run.ports.warehouse.fields(run.config.bigquery.project, world.datasets.current, "things") or ())
    assert types["price"].startswith("BIGNUMERIC")
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


@pytest.mark.slow
def test_more_digits_of_a_chosen_decimal_are_altered_too(world: World) -> None:
    things(world, "price numeric", f"1, {AT}, 1.50", types='{price: "NUMERIC(12, 2)"}')
    world.run("things", hour(0))
    world.sql("UPDATE things SET price = 1.5012, at = '2026-11-01T01:10Z'")
    choose(world, types='{price: "NUMERIC(14, 4)"}')
    world.run("things", hour(1))
    assert world.current("things", "price") == [(Decimal("1.5012"),)]
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


def test_what_doesnt_fit_is_held_out_under_quarantine_and_ends_the_read_under_fail(world: World) -> None:
    rows = f"1, {AT}, '{{}}', '{{a}}'", f"2, {AT}, '1e400', '{{a}}'", f"3, {AT}, '{{}}', '{{a,NULL}}'"
    chosen = '{payload: JSON, tags: "ARRAY<STRING>"}'
    things(world, "payload json, tags text[]", *rows, types=chosen, bad_values="quarantine")
    world.run("things", hour(0))
    assert world.current("things", "id") == [(1,)]
    assert counts(compared(world, "things")) == (0, 0, 0, 0)
    choose(world, types=chosen, bad_values="fail")
    said = r"things.payload: '1e400' is no value that its chosen type, JSON, holds, in the row \{'id': '2'\}"
    with pytest.raises(BadValue, match=said):
        world.run("things", hour(1))


@pytest.mark.slow
def test_rows_change_and_heal_with_their_chosen_types(world: World) -> None:
    rows = [f"{number}, {AT}, '{{\"n\": {number}}}', '{{a,b}}', {number}.5" for number in range(1, 4)]
    chosen = '{payload: JSON, tags: "ARRAY<STRING>", price: NUMERIC}'
    things(world, "payload jsonb, tags text[], price numeric", *rows, types=chosen, deletes="reconcile")
    world.run("things", hour(0))
    world.sql("UPDATE things SET payload = NULL, at = '2026-11-01T01:10Z' WHERE id = 1")
    world.run("things", hour(1))
    told = "id, TO_JSON_STRING(tags), price, IF(payload IS NULL, NULL, TO_JSON_STRING(payload)) AS payload"
    assert [row[3] is None for row in world.current("things", told, "id")] == [True, False, False]
    world.sql(  # no cursor shows any of it
        "UPDATE things SET tags = '{a,\"b,c\"}' WHERE id = 2",
        "UPDATE things SET price = 0.00000000001 WHERE id = 3",
        "DELETE FROM things WHERE id = 1",
    )
    found = compared(world, "things")
    assert counts(found) == (0, 2, 1, 0)
    assert found.found.unlike == ("payload",)
    looked = unlooked(world.table_run("things").table, world.head("things"), datetime.now(UTC))
    assert "what stands in payload (JSON)" in looked
    healed(world, "things")
    assert [(row[0], row[1], row[2]) for row in world.current("things", told, "id")] == [
        (2, '["a","b,c"]', Decimal("2.5")),
        (3, '["a","b"]', None),
    ]
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


@pytest.mark.slow
def test_a_key_of_a_chosen_type_is_found_again_and_goes_when_it_is_gone(world: World) -> None:
    world.sql(
        "CREATE TABLE things (k numeric PRIMARY KEY, at timestamptz NOT NULL, note text)",
        f"INSERT INTO things VALUES (1.50, {AT}, 'a'), (2, {AT}, 'b'), (3.00000000001, {AT}, 'c')",
    )
    choose(world, types="{k: NUMERIC}", deletes="reconcile")
    world.run("things", hour(0))
    assert world.current("things", "k, note") == [(Decimal("1.5"), "a"), (Decimal(2), "b")]
    world.sql(
        "UPDATE things SET k = 1.5, note = 'z', at = '2026-11-01T01:10Z' WHERE k = 1.5",
        "DELETE FROM things WHERE k = 2",
    )
    world.run("things", hour(1))
    healed(world, "things")
    assert world.current("things", "k, note") == [(Decimal("1.5"), "z")]


@pytest.mark.slow
def test_a_late_row_of_documents_and_arrays_is_told_from_one_that_is_the_same(world: World) -> None:
    chosen, at = '{payload: JSON, tags: "ARRAY<STRING>"}', "'2026-11-01T01:10Z'"
    things(world, "payload jsonb, tags text[]", f"1, {at}, '1', '{{a}}'", f"2, {at}, NULL, '{{a}}'", types=chosen)
    world.run("things", hour(0, 2))
    world.sql("UPDATE things SET payload = payload WHERE id = 1", "UPDATE things SET payload = 'null' WHERE id = 2")
    assert world.run("things", hour(2)).late == 1
