"""Every type travels exactly from PostgreSQL through Arrow, its edges too, or quarantined (R27)."""

# ruff: noqa: E501 (a case is a line)

import math
import uuid
from datetime import UTC, date, datetime, time
from decimal import Decimal

import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.adapters.arrow.epoch import date_text, time_text, timestamp_text
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ports import Selection
from floodmark.errors import BadValue

READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
TYPES = """
CREATE TYPE mood AS ENUM ('ok', 'so so');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN price AS numeric(12, 2);
CREATE DOMAIN cheap AS price CHECK (VALUE < 10);
CREATE DOMAIN code AS text;
"""


@pytest.fixture(scope="module")
def typed(postgres):
    """``typed(type, values)`` makes a table of one typed column and reads it; one database for all, as each takes time."""
    database = postgres.create_database("types_" + uuid.uuid4().hex[:12])
    yield from _typed(database)
    postgres.drop_database(database.dbname)


def _typed(database):
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(TYPES)
    source = PostgresSource(database.dsn, uuid.UUID(int=7))

    def read(type_, values, **selected):
        cursor.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v {type_})")
        for number, value in enumerate(values):
            cursor.execute(f"INSERT INTO t VALUES ({number}, {value})")
        selection = Selection(schema="public", name="t", key=("id",), cursor=(), columns=("id", "v"), **selected)
        with source.open(selection) as reading:
            rows = reading.rows(None, READ_AT)
            table = pa.Table.from_batches(list(rows), schema=rows.arrow_schema)
            return table.sort_by("id"), rows.quarantined

    read.source, read.cursor, read.database = source, cursor, database
    try:
        yield read
    finally:
        connection.close()


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


EXACT = [
    ("smallint", "int16", ["-32768", "32767", "NULL"], [-32768, 32767, None]),
    ("int", "int32", ["-2147483648", "2147483647"], [-(2**31), 2**31 - 1]),
    ("bigint", "int64", ["9007199254740993", "-9223372036854775808"], [2**53 + 1, -(2**63)]),
    ("oid", "int64", ["4294967295"], [2**32 - 1]),
    ("xid", "int64", ["'4294967295'"], [2**32 - 1]),
    ("real", "float", ["1.1"], [1.100000023841858]),
    ("float8", "double", ["0.30000000000000004", "'Infinity'", "5e-324"], [0.30000000000000004, math.inf, 5e-324]),
    ("numeric(12,2)", "decimal64(12, 2)", ["9999999999.99", "-0.01", "NULL"], [Decimal("9999999999.99"), Decimal("-0.01"), None]),
    ("numeric(38,9)", "decimal128(38, 9)", ["99999999999999999999999999999.999999999"], [Decimal("9" * 29 + "." + "9" * 9)]),
    ("numeric(5,-2)", "decimal64(7, 0)", ["1234567"], [Decimal(1234600)]),
    ("numeric(3,5)", "decimal64(5, 5)", ["0.00999"], [Decimal("0.00999")]),
    ("numeric(40,10)", "string", ["123456789012345678901234567890.0123456789"], ["123456789012345678901234567890.0123456789"]),
    ("numeric", "string", ["1e40", "1.500", "'NaN'", "'-Infinity'"], ["1" + "0" * 40, "1.500", "NaN", "-Infinity"]),
    ("cheap", "decimal64(12, 2)", ["9.99"], [Decimal("9.99")]),
    ("money", "decimal128(22, 3)", ["'-92233720368547758.08'"], [Decimal("-92233720368547758.080")]),
    ("bool", "bool", ["true", "false", "NULL"], [True, False, None]),
    ("text", "string", ["''", "NULL", "E'\\\\N'", "E'a\\tb\\nc\"'", "'😀 é'"], ["", None, "\\N", 'a\tb\nc"', "😀 é"]),
    ("varchar(5)", "string", ["'  x  '"], ["  x  "]),
    ("char(5)", "string", ["'x'", "''"], ["x", ""]),
    ('"char"', "string", ["'x'"], ["x"]),
    ("name", "string", ["'n'"], ["n"]),
    ("code", "string", ["'c'"], ["c"]),
    ("mood", "string", ["'so so'", "NULL"], ["so so", None]),
    ("uuid", "string", ["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    ("json", "string", ["""'{"a":1, "a":2, "n":1e400}'"""], ['{"a":1, "a":2, "n":1e400}']),
    ("jsonb", "string", ["""'{"f":0.30000000000000004}'""", "'null'", "NULL"], ['{"f": 0.30000000000000004}', "null", None]),
    ("bytea", "binary", ["'\\x00ff'", "''", "NULL"], [b"\x00\xff", b"", None]),
    ("date", "date32[day]", ["'0001-01-01'", "'9999-12-31'", "NULL"], [date(1, 1, 1), date(9999, 12, 31), None]),
    ("time", "time64[us]", ["'00:00'", "'23:59:59.999999'"], [time(0), time(23, 59, 59, 999999)]),
    ("timetz", "string", ["'12:00+02'"], ["12:00:00+02"]),
    (
        "timestamp",
        "timestamp[us, tz=UTC]",
        ["'0001-01-01'", "'9999-12-31 23:59:59.999999'", "'2026-10-25 02:30'", "NULL"],
        [moment("0001-01-01"), moment("9999-12-31T23:59:59.999999"), moment("2026-10-25T02:30"), None],
    ),
    ("timestamptz", "timestamp[us, tz=UTC]", ["'2026-10-25 02:30:00.000001+02'"], [moment("2026-10-25T00:30:00.000001")]),
    ("interval", "string", ["'1 year 2 mons 3 days 04:05:06.7'"], ["P1Y2M3DT4H5M6.7S"]),
    ("int[]", "string", ["'{1,NULL,3}'", "'{}'", "NULL", "'{{1,2},{3,4}}'"], ["[1,null,3]", "[]", None, "[[1,2],[3,4]]"]),
    ("text[]", "string", ["ARRAY['', NULL, 'a,\"b']"], ['["",null,"a,\\"b"]']),
    ("json[]", "string", ["""ARRAY['{"a": "\\u0000"}']::json[]"""], [r'["{\"a\": \"\\u0000\"}"]']),
    ("timestamptz[]", "string", ["ARRAY['2026-11-01 00:00+00'::timestamptz]"], ['["2026-11-01T00:00:00+00:00"]']),
    ("pair", "string", ["ROW(1, 'x')"], ['{"a":1,"b":"x"}']),
    ("inet", "string", ["'::1/64'"], ["::1/64"]),
    ("int4range", "string", ["'[1,5)'"], ["[1,5)"]),
    ("bit(3)", "string", ["B'101'"], ["101"]),
    ("pg_lsn", "string", ["'16/B374D848'"], ["16/B374D848"]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "arrow", "values", "expected"), EXACT, ids=[case[0] for case in EXACT])
def test_values_arrive_exactly(typed, tmp_path, type_, arrow, values, expected):
    table, quarantined = typed(type_, values)
    assert quarantined == ()
    assert str(table.schema.field("v").type) == arrow
    assert table.column("v").to_pylist() == expected
    pq.write_table(table, tmp_path / "t.parquet", store_decimal_as_integer=True, store_schema=False)
    staged = pq.read_table(tmp_path / "t.parquet").column("v")
    assert staged.cast(table.schema.field("v").type).equals(table.column("v"))


def test_floats_that_are_no_numbers_stay_what_they_are(typed):
    table, _ = typed("float8", ["'NaN'", "'-0'"])
    nan, zero = table.column("v").to_pylist()
    assert math.isnan(nan)
    assert math.copysign(1, zero) == -1


BAD = [
    ("timestamptz", "'infinity'", "infinity"),
    ("timestamptz", "'-infinity'", "-infinity"),
    ("timestamptz", "'0044-03-15 12:00:00.5+00 BC'", "0044-03-15 12:00:00.5+00 BC"),
    ("timestamptz", "'0001-01-01 00:00+01'", "0001-12-31 23:00:00+00 BC"),
    ("timestamptz", "'294276-12-31 23:59:59.999999+00'", "294276-12-31 23:59:59.999999+00"),
    ("timestamp", "'10000-01-01'", "10000-01-01 00:00:00"),
    ("timestamp", "'4713-01-01 BC'", "4713-01-01 00:00:00 BC"),
    ("date", "'infinity'", "infinity"),
    ("date", "'-infinity'", "-infinity"),
    ("date", "'5874897-12-31'", "5874897-12-31"),
    ("date", "'0001-12-31 BC'", "0001-12-31 BC"),
    ("time", "'24:00:00'", "24:00:00"),
    ("numeric(12,2)", "'NaN'", "NaN"),
    ("numeric(40,10)", "'NaN'", "NaN"),
]


@pytest.mark.parametrize(("type_", "value", "text"), BAD)
def test_what_the_target_cannot_hold_goes_to_the_quarantine_and_the_rest_does_not(typed, type_, value, text):
    good = "1" if type_.startswith("numeric") else "'12:00'" if type_ == "time" else "'2026-11-01'"
    table, quarantined = typed(type_, [good, value, "NULL", good], bad_values="quarantine")
    assert table.column("id").to_pylist() == [0, 2, 3]
    [row] = quarantined
    assert (row["key"], row["values"][0]["column"], row["values"][0]["value"]) == ({"id": "1"}, "v", text)
    assert row["values"][0]["reason"]


@pytest.mark.parametrize(("type_", "value", "text"), BAD)
def test_the_text_of_what_the_target_cannot_hold_is_the_servers_own(typed, type_, value, text):
    good = "1" if type_.startswith("numeric") else "'12:00'" if type_ == "time" else "'2026-11-01'"
    table, quarantined = typed(type_, [good, value, "NULL", good])
    assert (table.column("id").to_pylist(), quarantined) == ([0, 1, 2, 3], ())
    assert table.column("v").is_null().to_pylist() == [False, True, True, False]
    typed.cursor.execute(
        "SET timezone = 'UTC'; SELECT v::text, jsonb_build_object('v', v::text)::text FROM t WHERE id = 1"
    )
    assert typed.cursor.fetchone() == (text, table.column("_floodmark_unheld").to_pylist()[1])
    assert table.column("_floodmark_unheld").null_count == 3


def test_under_fail_a_bad_value_is_named_with_its_row_and_the_remedy(typed):
    with pytest.raises(BadValue, match=r"public\.t\.v: 'infinity' is outside .* \{'id': '1'\}; .*bad_values"):
        typed("date", ["'2026-11-01'", "'infinity'"], bad_values="fail")


@pytest.mark.parametrize("mode", ["encode", "quarantine"])
def test_of_a_row_with_several_bad_values_each_is_named(typed, mode):
    typed.cursor.execute(
        "DROP TABLE IF EXISTS two; CREATE TABLE two (id int PRIMARY KEY, due date, b time); "
        "INSERT INTO two VALUES (1, 'infinity', '24:00')"
    )
    columns = ("id", "due", "b")
    selection = Selection(schema="public", name="two", key=("id",), cursor=(), columns=columns, bad_values=mode)
    with typed.source.open(selection) as reading:
        rows = reading.rows(None, READ_AT)
        [text] = [one for batch in rows for one in batch.column("_floodmark_unheld").to_pylist()] or [None]
        told = [(one["column"], one["value"]) for row in rows.quarantined for one in row["values"]]
        both = [("due", "infinity"), ("b", "24:00:00")]
        assert (told, text) == ((both, None) if mode == "quarantine" else ([], '{"b": "24:00:00", "due": "infinity"}'))
        assert (rows.tally.held_out or rows.tally.unheld) == (("b", 1), ("due", 1))


def test_the_databases_own_settings_do_not_change_what_is_read(database):
    made = _typed(database)
    typed = next(made)
    name = f'"{database.dbname}"'
    for setting in (
        "extra_float_digits = 0",
        "timezone = 'Asia/Tokyo'",
        "datestyle = 'German'",
        "bytea_output = 'escape'",
        "intervalstyle = 'postgres'",
        "standard_conforming_strings = off",
    ):
        typed.cursor.execute(f"ALTER DATABASE {name} SET {setting}")
    assert typed("jsonb", ["""'{"f":0.30000000000000004}'"""])[0].column("v").to_pylist() == [
        '{"f": 0.30000000000000004}'
    ]
    assert typed("float8[]", ["'{0.30000000000000004}'"])[0].column("v").to_pylist() == ["[0.30000000000000004]"]
    assert typed("timestamptz[]", ["ARRAY['2026-11-01 00:00+00'::timestamptz]"])[0].column("v").to_pylist() == [
        '["2026-11-01T00:00:00+00:00"]'
    ]
    assert typed("daterange", ["'[2026-11-01,2026-11-02)'"])[0].column("v").to_pylist() == ["[2026-11-01,2026-11-02)"]
    assert typed("interval", ["'1 day'"])[0].column("v").to_pylist() == ["P1D"]
    made.close()


def test_a_column_of_another_name_and_a_value_with_every_quote_travel(typed):
    typed.cursor.execute("""CREATE TABLE odd (id int PRIMARY KEY, "a ""b"" \\ '{}' %s" uuid)""")
    typed.cursor.execute("INSERT INTO odd VALUES (1, gen_random_uuid())")
    table = typed.source.describe("public", "odd")
    selection = Selection(schema="public", name="odd", key=("id",), cursor=(), columns=table.names, where="id = 1")
    with typed.source.open(selection) as reading:
        [batch] = list(reading.rows(None, READ_AT))
    assert batch.schema.names[1] == table.names[1] == """a "b" \\ '{}' %s"""


@settings(max_examples=200, deadline=None)
@given(days=st.integers(-2_451_507 + 1, 2_145_031_948), microseconds=st.integers(0, 86_400_000_000))
def test_a_bad_value_is_told_as_postgresql_writes_it(days, microseconds, typed):
    """Days since 2000 over all of PostgreSQL's dates: from 4713 BC to 5874897."""
    typed.cursor.execute(
        "SELECT (date '2000-01-01' + %s)::text, (time '00:00' + %s * interval '1 us')::text",
        (days, microseconds % 86_400_000_000),
    )
    [(day, clock)] = typed.cursor.fetchall()
    assert date_text(days + 10_957) == day
    assert time_text(microseconds % 86_400_000_000) == clock


@pytest.mark.parametrize(
    ("raw", "text"),
    [(-9222425352054775809, "infinity"), (-9222425352054775808, "-infinity"), (0, "1970-01-01 00:00:00")],
)
def test_what_adbc_wrapped_is_unwrapped(raw, text):
    assert timestamp_text(raw) == text
