"""Every value is written alike by PostgreSQL and by BigQuery: only what differs is found to differ (R25)."""

from __future__ import annotations

import pytest

from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed
from tests.pipeline.test_verify import FAMILIES

pytestmark = pytest.mark.slow

MORE = {
    "b_one": ("float8", "1"),
    "b_power": ("float8", "1e22"),
    "b_most": ("float8", "1.7976931348623157e308"),
    "b_least_normal": ("float8", "2.2250738585072014e-308"),
    "b_minus": ("float8", "-123456789.125"),
    "b_plus_infinity": ("float8", "'Infinity'"),
    "b_real_nan": ("real", "'NaN'"),
    "b_real_infinity": ("real", "'-Infinity'"),
    "b_real_tiny": ("real", "1e-45"),
    "b_zero": ("numeric(12,2)", "0.00"),
    "b_hundred": ("numeric(12,0)", "100"),
    "b_negative_scale": ("numeric(5,-2)", "12300"),
    "b_bare_nan": ("numeric", "'NaN'"),
    "b_true": ("bool", "true"),
    "b_enum": ("mood", "'glad'"),
    "b_domain": ("cents", "5"),
    "b_no_bytes": ("bytea", "''"),
    "b_last_day": ("date", "'9999-12-31'"),
    "b_midnight": ("time", "'00:00'"),
    "b_zoned": ("timetz", "'12:00+02'"),
    "b_first": ("timestamptz", "'0001-01-01 00:00:00+00'"),
    "b_local_first": ("timestamp", "'0001-01-01'"),
    "b_record": ("pair", "'(1,x)'"),
    "b_network": ("inet", "'10.0.0.1'"),
    "b_bits": ("bit(3)", "B'101'"),
    "b_range": ("int4range", "'[1,5)'"),
    "b_xml_like": ("jsonb", """'{"b": 1e3, "a": null}'"""),
}
ALL = FAMILIES | MORE
CHANGES = {
    "a_small": "-8",
    "a_double": "0.30000000000000001",
    "a_least": "1e-323",
    "a_nan": "0",
    "a_price": "-100.11",
    "a_units": "99999999999999999999999999999.999999998",
    "a_bare": "1.5",
    "a_bool": "true",
    "a_text": "'x'",
    "a_empty": "NULL",
    "a_null": "''",
    "a_bytes": "'\\x00fe'",
    "a_day": "'0001-01-02'",
    "a_time": "'23:59:59.999998'",
    "a_local": "'1969-12-31 23:59:59.999998'",
    "a_moment": "'9999-12-31 23:59:59.999998+00'",
    "a_json": """'{"a": [1, 2.5]}'""",
}
KEYS = {
    "int": ("int", ["1", "2", "-3"]),
    "text": ("text", ["'a'", "'A'", "'\u00e9'", "''", "'x,y'", "E'q\\'s'"]),
    "bytewise": ('text COLLATE "C"', ["'a'", "'A'", "'\u00e9'"]),
    "char": ("char(4)", ["'a'", "'abcd'"]),
    "uuid": ("uuid", ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    "numeric": ("numeric(12,2)", ["1", "1.10", "-0.01"]),
    "bare": ("numeric", ["1.500", "2"]),
    "moment": ("timestamptz", ["'2026-11-01 00:00:00.000001+00'", "'1969-12-31 23:59:59.999999+00'"]),
    "local": ("timestamp", ["'2026-11-01 00:00:00.000001'", "'1800-01-01'"]),
    "day": ("date", ["'2026-11-01'", "'0001-01-01'"]),
    "time": ("time", ["'00:00'", "'23:59:59.999999'"]),
    "bytes": ("bytea", ["'\\x00ff'", "'\\x01'"]),
    "bool": ("bool", ["true", "false"]),
    "enum": ("mood", ["'glad'", "'sad'"]),
    "list": ("int[]", ["'{1,2}'", "'{}'"]),
}


def types(world: World) -> None:
    """Types of one's own."""
    world.sql(
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        "CREATE DOMAIN cents AS bigint CHECK (VALUE >= 0)",
        "CREATE TYPE pair AS (a int, b text)",
    )


def everything(world: World) -> None:
    """A table of every family of types, one of its rows NULL throughout."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in ALL.items())
    values = ", ".join(value for _, value in ALL.values())
    world.tables = "{things: {cursor: updated_at}}"
    types(world)
    world.sql(
        f"CREATE TABLE things (id int PRIMARY KEY, updated_at timestamptz NOT NULL, {columns})",
        f"INSERT INTO things SELECT n, '2026-11-01T00:10Z', {values} FROM generate_series(1, 3) n",
        "INSERT INTO things (id, updated_at) VALUES (0, '2026-11-01T00:20Z')",
    )
    world.run("things", hour(0))


def test_every_family_of_types_is_written_alike_at_both_ends(world: World) -> None:
    everything(world)
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


def test_every_change_of_a_value_is_found_and_healed(world: World) -> None:
    everything(world)
    for number in range(10, 10 + len(CHANGES)):
        world.sql(f"INSERT INTO things SELECT {number}, updated_at, {', '.join(ALL)} FROM things WHERE id = 1")
    world.run("things", hour(0), run_id="all of them")
    for number, (name, value) in enumerate(CHANGES.items(), start=10):
        world.sql(f"UPDATE things SET {name} = {value} WHERE id = {number}")
    found = healed(world, "things")
    assert counts(found) == (0, len(CHANGES), 0, 0)
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


def test_keys_of_every_sort_are_told_apart_found_gone_and_removed(world: World) -> None:
    """All of them make up one key; each row has the next value of each."""
    types(world)
    world.tables = "{things: {cursor: updated_at}}"
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in KEYS.items())
    world.sql(
        f"CREATE TABLE things ({columns}, note text, updated_at timestamptz NOT NULL, PRIMARY KEY ({', '.join(KEYS)}))"
    )
    for number in range(6):
        key = ", ".join(values[number % len(values)] for _, values in KEYS.values())
        world.sql(f"INSERT INTO things VALUES ({key}, 'n{number}', '2026-11-01T00:10Z')")
    world.run("things", hour(0))
    assert counts(compared(world, "things")) == (0, 0, 0, 0)
    world.sql("DELETE FROM things WHERE note IN ('n2', 'n5')")
    assert counts(healed(world, "things")) == (0, 0, 2, 0)
    assert world.current("things", "note") == [("n0",), ("n1",), ("n3",), ("n4",)]
    assert counts(compared(world, "things")) == (0, 0, 0, 0)


def test_a_text_key_is_gone_though_the_source_has_one_that_differs_in_case(world: World) -> None:
    world.tables = "{things: {cursor: updated_at}}"
    world.sql(
        "CREATE TABLE things (k text PRIMARY KEY, updated_at timestamptz NOT NULL)",
        "INSERT INTO things VALUES ('a', '2026-11-01T00:10Z'), ('A', '2026-11-01T00:10Z')",
    )
    world.run("things", hour(0))
    world.sql("DELETE FROM things WHERE k = 'A'")
    assert counts(healed(world, "things")) == (0, 0, 1, 0)
    assert world.current("things", "k") == [("a",)]
