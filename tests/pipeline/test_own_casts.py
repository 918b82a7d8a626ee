"""A cast to text or to json that somebody defined anew says something else: it is asked for no value (R27, R25)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from floodmark.core.ledger.portion import Kind
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed

MADE = (
    "CREATE TYPE mood AS ENUM ('glad', 'sad')",
    "CREATE TYPE pair AS (a int, b text)",
    "CREATE TYPE span AS RANGE (subtype = int)",
    "CREATE DOMAIN temper AS mood",
)
TYPES = ("mood", "pair", "span", "uuid", "numeric", "jsonb", "interval", "bigint", "date", "mood[]", "json[]", "pair[]")
"""PostgreSQL lets the owner of a type define its casts, a superuser those of built-in types too."""
CASTS = (
    *(
        f"CREATE FUNCTION lie{number}({type_}) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'a lie'$$"
        for number, type_ in enumerate(TYPES)
    ),
    *(
        f"CREATE CAST ({type_} AS text) WITH FUNCTION lie{number}({type_}) AS ASSIGNMENT"
        for number, type_ in enumerate(TYPES)
    ),
    "CREATE FUNCTION lie(mood) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT '\"a lie\"'::json$$",
    "CREATE CAST (mood AS json) WITH FUNCTION lie(mood)",
)
COLUMNS = {
    "a_mood": ("mood", "'sad'", "sad"),
    "a_domain": ("temper", "'glad'", "glad"),
    "a_pair": ("pair", "ROW(1, 'x')::pair", '{"a":1,"b":"x"}'),
    "a_span": ("span", "'[1,5)'", "[1,5)"),
    "a_uuid": ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    "a_numeric": ("numeric", "1.50", "1.50"),
    "a_jsonb": ("jsonb", "'{}'", "{}"),
    "an_interval": ("interval", "'1 day'", "P1D"),
    "some_moods": ("mood[]", "'{sad,NULL}'", '["sad",null]'),
    "some_json": ("json[]", "ARRAY[NULL, 'null']::json[]", '[null,"null"]'),
    "some_pairs": ("pair[]", """'{"(1,x)"}'""", '[{"a":1,"b":"x"}]'),
    "a_day": ("date", "'infinity'", None),
    "a_secret": ("bigint", "7", sha256(b"7").hexdigest()),
}


@pytest.fixture
def lying(world: World) -> World:
    """A table of such types, with casts that lie."""
    columns = ", ".join(f"{name} {type_}" for name, (type_, _, _) in COLUMNS.items())
    values = ", ".join(value for _, value, _ in COLUMNS.values())
    world.tables = "{things: {cursor: at, verify: full, mask: {a_secret: sha256}}}"
    world.sql(
        *MADE,
        f"CREATE TABLE things (id bigint, k mood, p numeric, at timestamptz NOT NULL, {columns}, "
        "PRIMARY KEY (k, p, id))",
        f"INSERT INTO things SELECT 1, k, 1.50, '2026-11-01T00:10Z', {values} FROM unnest('{{glad,sad}}'::mood[]) k",
        *CASTS,
    )
    return world


def test_values_are_what_the_types_output_functions_say(lying: World) -> None:
    lying.run("things", hour(0))
    [(unheld, *values), _] = lying.current("things", f"_floodmark_unheld, k, p, {', '.join(COLUMNS)}", "k")
    assert values == ["glad", "1.5", *(arrives for _, _, arrives in COLUMNS.values())]
    assert unheld == '{"a_day": "infinity"}'


@pytest.mark.slow
def test_both_ends_are_compared_by_them_too(lying: World) -> None:
    lying.run("things", hour(0))
    last = lying.head("things").last
    assert last is not None
    assert last.verified == "full"
    assert counts(compared(lying, "things")) == (0, 0, 0, 0)
    lying.sql("DELETE FROM things WHERE k = 'sad'")
    assert counts(healed(lying, "things")) == (0, 0, 1, 0)
    assert lying.current("things", "k") == [("glad",)]


@pytest.mark.slow
def test_a_first_load_in_parts_ends_each_part_at_a_key_and_not_at_its_lie(lying: World) -> None:
    lying.tables = "{things: {cursor: at, first_load: whole, first_load_rows: 1}}"
    lying.run("things", hour(0), Kind.SLICE)
    lying.run("things", hour(1), Kind.SLICE)
    lying.run("things", hour(2), Kind.SLICE)
    assert lying.current("things", "k", "k") == [("glad",), ("sad",)]
