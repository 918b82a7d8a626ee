"""Each type travels the way that TYPES found exact; what can't travel is named with its remedy."""

import pytest

from floodmark.adapters.postgres.matrix.ways import Expression
from floodmark.adapters.postgres.types import carriage, precision_and_scale
from floodmark.core.carriage import Check
from floodmark.core.schema import Column


def numeric(precision: int, scale: int) -> Column:
    modifier = (precision << 16 | scale & 0x7FF) + 4
    return Column(name="n", type=f"numeric({precision},{scale})", base_type="numeric", modifier=modifier)


@pytest.mark.parametrize(
    ("precision", "scale", "arrow", "landing", "target"),
    [
        (12, 2, "decimal64(12, 2)", "NUMERIC", "NUMERIC"),
        (18, 9, "decimal64(18, 9)", "NUMERIC", "NUMERIC"),
        (19, 2, "decimal128(19, 2)", "NUMERIC", "NUMERIC"),
        (38, 9, "decimal128(38, 9)", "NUMERIC", "NUMERIC"),  # 29 digits before the point
        (30, 0, "decimal128(30, 0)", "BIGNUMERIC(30, 0)", "BIGNUMERIC(30, 0)"),  # 30 before it
        (12, 10, "decimal64(12, 10)", "BIGNUMERIC(12, 10)", "BIGNUMERIC(12, 10)"),  # 10 after it
        (38, 38, "decimal128(38, 38)", "BIGNUMERIC(38, 38)", "BIGNUMERIC(38, 38)"),
        (40, 10, "string", "STRING", "BIGNUMERIC(40, 10)"),  # too wide for decimal128: lands as text
        (76, 38, "string", "STRING", "BIGNUMERIC(76, 38)"),
        (77, 38, "string", "STRING", "STRING"),  # 39 digits before the point
        (50, 39, "string", "STRING", "STRING"),  # 39 after it
        (5, -2, "decimal64(7, 0)", "NUMERIC", "NUMERIC"),  # 99999 hundreds are 9999900
        (3, 5, "decimal64(5, 5)", "NUMERIC", "NUMERIC"),  # at most 0.00999
    ],
)
def test_numeric_takes_the_narrowest_type_that_holds_every_declared_value(precision, scale, arrow, landing, target):
    way = carriage(numeric(precision, scale))
    assert (way.arrow, way.landing, way.target) == (arrow, landing, target)
    assert way.expression is (Expression.TEXT if target == "STRING" else Expression.NUMERIC)
    assert (way.check is Check.DECIMAL) == (target != "STRING")
    assert (way.convert == "{col}") == (landing == target)


def test_bare_numeric_stays_text_since_arrow_would_wrap_it():
    way = carriage(Column(name="n", type="numeric", base_type="numeric"))
    assert (way.arrow, way.target, way.check) == ("string", "STRING", Check.NONE)


@pytest.mark.parametrize(("precision", "scale"), [(1, 0), (12, 2), (1000, 1000), (1000, -1000), (2, -3), (3, 5)])
def test_the_modifier_is_read_as_declared(precision, scale):
    assert precision_and_scale(numeric(precision, scale).modifier) == (precision, scale)


def test_a_naive_timestamp_lands_as_one_in_utc_and_becomes_datetime_in_the_merge():
    way = carriage(Column(name="t", type="timestamp without time zone", base_type="timestamp"))
    assert (way.landing, way.target, way.convert.format(col="`t`")) == ("TIMESTAMP", "DATETIME", "DATETIME(`t`, 'UTC')")


@pytest.mark.parametrize("base", ["jsonb", "uuid"])
def test_what_many_tables_have_travels_as_its_text_by_its_own_function(base):
    way = carriage(Column(name="c", type=base, base_type=base))
    assert (way.select('"c"'), way.target) == (f'pg_catalog.textin(pg_catalog.{base}_out("c"))', "STRING")


@pytest.mark.parametrize("base", ["json", "interval", "inet", "public.citext", "public.int4", "anything"])
def test_what_has_no_exact_type_travels_as_its_text(base):
    way = carriage(Column(name="c", type=base, base_type=base))
    text = 'CASE WHEN pg_catalog.num_nulls("c") = 0 THEN pg_catalog.concat("c") END'
    assert (way.select('"c"'), way.target) == (text, "STRING")


@pytest.mark.parametrize("column", [{"array": True, "base_type": "int4"}, {"kind": "c", "base_type": "public.pair"}])
def test_arrays_and_composites_travel_as_json(column):
    way = carriage(Column(name="c", type="x", **column))
    assert 'pg_catalog.to_json("c")' in way.select('"c"')


def test_a_name_with_braces_is_not_a_placeholder():
    assert carriage(Column(name="{}", type="inet", base_type="inet")).select('"{}"').count('"{}"') == 2


def test_a_pseudo_type_is_not_carried():
    assert "pseudo-type" in carriage(Column(name="r", type="record", base_type="record", kind="p")).refusal
