"""``required``: what is NOT NULL in the source is REQUIRED in current, where no value can be NULL there."""

from __future__ import annotations

import pytest

from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts

AT = "'2026-11-01T00:10Z'"


def things(world: World, **keys: str) -> None:
    world.sql(
        "CREATE TABLE things (id int PRIMARY KEY, at timestamptz NOT NULL, note text NOT NULL, free text, "
        "price numeric NOT NULL, tags text[] NOT NULL)",
        f"INSERT INTO things VALUES (1, {AT}, 'a', NULL, 1.5, '{{b}}')",
    )
    choose(world, **keys)


def choose(world: World, **keys: str) -> None:
    written = "".join(f", {key}: {value}" for key, value in keys.items())
    world.tables = f"{{things: {{cursor: at, required: true, deletes: reconcile{written}}}}}"


def modes(world: World, dataset: str) -> dict[str, str]:
    table = world.google.bigquery_client().get_table(f"{world.datasets.project}.{dataset}.things")
    return {field.name: field.mode for field in table.schema if field.mode != "NULLABLE"}


@pytest.mark.slow
def test_only_what_can_never_be_null_there_is_required(world: World) -> None:
    things(world, types='{price: NUMERIC, tags: "ARRAY<STRING>"}')
    world.run("things", hour(0))
    assert modes(world, world.datasets.current) == {"id": "REQUIRED", "note": "REQUIRED", "tags": "REPEATED"}
    assert modes(world, world.datasets.raw) == {}
    world.sql("UPDATE things SET price = 'NaN', at = '2026-11-01T01:10Z'")
    world.run("things", hour(1))
    assert world.current("things", "id, price") == [(1, None)]


def test_where_rows_are_held_out_the_others_columns_are_required_too(world: World) -> None:
    things(world, types="{price: NUMERIC}", bad_values="quarantine")
    world.sql(f"INSERT INTO things VALUES (2, {AT}, 'b', 'c', 'NaN', '{{}}')")
    world.run("things", hour(0))
    required = {name for name, mode in modes(world, world.datasets.current).items() if mode == "REQUIRED"}
    assert required == {"id", "at", "note", "price", "tags"}
    assert world.current("things", "id") == [(1,)]
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


@pytest.mark.slow
def test_where_the_source_takes_a_not_null_back_so_does_current(world: World) -> None:
    things(world)
    world.run("things", hour(0))
    assert modes(world, world.datasets.current)["note"] == "REQUIRED"
    world.sql("ALTER TABLE things ALTER note DROP NOT NULL", "UPDATE things SET note = NULL, at = '2026-11-01T01:10Z'")
    world.run("things", hour(1))
    assert "note" not in modes(world, world.datasets.current)
    assert world.current("things", "id, note") == [(1, None)]
