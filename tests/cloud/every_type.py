"""A table with a column of every type that travels, and a view of it as current must show it (R27)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column ``c_<name>``: its type, two values as literals, and how current shows it, where {} is the column.

    ``beyond`` is a value that BigQuery can't hold: it is NULL in current, and stands as text beside its row (R31).
    """

    name: str
    type: str
    values: tuple[str, str]
    shown: str = "{}"
    beyond: str = "NULL"


_FINITE, _NUMBER = "CASE WHEN isfinite({}) THEN {} END", "nullif({}, 'NaN')"
_WRITTEN = "CASE WHEN {} IS NOT NULL THEN format('%s', {}) END"  # a cast to text adds /128
_TEXT, _JSON = "{}::text", "to_json({})::text"

COLUMNS = (
    Column("smallint", "smallint", ("-32768", "32767")),
    Column("int", "int", ("-2147483648", "2147483647")),
    Column("bigint", "bigint", ("-9223372036854775808", "9223372036854775807")),
    Column("oid", "oid", ("0", "4294967295"), "{}::bigint"),
    Column("real", "real", ("1.5", "-0.25")),
    Column("double", "double precision", ("1e308", "-1.25")),
    Column("bool", "bool", ("true", "false")),
    Column("text", "text", ("E'tab\\t, \"quotes\", Straße, 😀'", "''")),
    Column("varchar", "varchar(20)", ("'a  '", "'b'")),
    Column("char", "char(5)", ("'a'", "'b c'"), _TEXT),
    Column("bytes", "bytea", ("'\\x00ff10'", "'\\x'")),
    Column("date", "date", ("'0001-01-01'", "'9999-12-31'"), _FINITE, "'infinity'"),
    Column("time", "time", ("'00:00:00'", "'23:59:59.999999'"), "nullif({}, '24:00')", "'24:00'"),
    Column("timestamp", "timestamp", ("'0001-01-01 00:00'", "'2026-03-29 02:30:00.123456'"), _FINITE, "'-infinity'"),
    Column(
        "timestamptz",
        "timestamptz",
        ("'0001-01-01 00:00+00'", "'9999-12-31 23:59:59.999999+00'"),
        _FINITE,
        "'infinity'",
    ),
    Column("numeric_12_2", "numeric(12, 2)", ("-1234567890.12", "0.10"), _NUMBER, "'NaN'"),
    Column("numeric_38_9", "numeric(38, 9)", ("12345678901234567890123456789.123456789", "-0.000000001")),
    Column("numeric_38_10", "numeric(38, 10)", ("12345678.1234567890", "-1")),
    Column("numeric_48_18", "numeric(48, 18)", ("-12345678901234567890.5", "0.000000000000000001")),
    Column("numeric", "numeric", ("1.10", "1e-50"), _TEXT),
    Column("money", "money", ("12.34", "-0.5"), "{}::numeric"),
    Column("uuid", "uuid", ("'00112233-4455-6677-8899-aabbccddeeff'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'")),
    Column("json", "json", ('\'{"b": 1,  "a": [1, null]}\'', "'null'"), _TEXT),
    Column("jsonb", "jsonb", ('\'{"b": 1, "a": 1e400}\'', "'[]'"), _TEXT),
    Column("ints", "int[]", ("'{1,NULL,3}'", "'{}'"), _JSON),
    Column("texts", "text[]", ('\'{a,"b \\" c"}\'', "'{{x,y},{z,w}}'"), _JSON),
    Column("interval", "interval", ("'1 year 2 days 03:04:05.6'", "'-1 day'"), "iso({})"),
    Column("timetz", "timetz", ("'12:00:00+02'", "'24:00:00-08'"), _TEXT),
    Column("inet", "inet", ("'192.168.0.1/24'", "'::1'"), _WRITTEN),
    Column("macaddr", "macaddr", ("'08:00:2b:01:02:03'", "'ff:ff:ff:ff:ff:ff'"), _TEXT),
    Column("bit", "bit varying(8)", ("B'101'", "B''"), _TEXT),
    Column("point", "point", ("'(1.5,-2)'", "'(0,0)'"), _TEXT),
    Column("range", "tstzrange", ("'[2026-01-01 00:00+00,)'", "'empty'"), _TEXT),
    Column("tsvector", "tsvector", ("'fat rat'", "''"), _TEXT),
    Column("enum", "mood", ("'sad'", "'so, so'"), _TEXT),
    Column("domain", "euros", ("1.50", "0.00"), "{}::numeric"),
    Column("composite", "pair", ("ROW(1, 'x')", "ROW(NULL, '')"), _JSON),
    Column("generated", "int GENERATED ALWAYS AS (id * 2) STORED", ("DEFAULT", "DEFAULT")),
)


def _row(number: int, values: tuple[str, ...]) -> str:
    return f"({number}, now() - interval '1 day', {', '.join(values)})"


def _named() -> str:
    return ", ".join(f"c_{column.name} {column.type}" for column in COLUMNS)


def _shown() -> str:
    return ", ".join(f"{column.shown.replace('{}', f'c_{column.name}')} AS c_{column.name}" for column in COLUMNS)


def _unheld() -> str:
    bad = [f"c_{column.name}" for column in COLUMNS if column.beyond != "NULL"]
    return ", ".join(f"'{name}', {name}::text" for name in bad)


_NOTHING = tuple("DEFAULT" if column.values[0] == "DEFAULT" else "NULL" for column in COLUMNS)
_BEYOND = tuple(column.beyond if none == "NULL" else none for column, none in zip(COLUMNS, _NOTHING, strict=True))
MAKE = f"""
    CREATE TYPE mood AS ENUM ('sad', 'so, so');
    CREATE TYPE pair AS (number int, word text);
    CREATE DOMAIN euros AS numeric(10, 2) CHECK (value >= 0);
    CREATE FUNCTION iso(interval) RETURNS text LANGUAGE sql SET intervalstyle = iso_8601 AS 'SELECT $1::text';
    CREATE TABLE types (id int PRIMARY KEY, updated_at timestamptz NOT NULL, {_named()});
    CREATE INDEX ON types (updated_at);
    INSERT INTO types VALUES
        {_row(1, tuple(column.values[0] for column in COLUMNS))},
        {_row(2, tuple(column.values[1] for column in COLUMNS))},
        {_row(3, _NOTHING)},
        {_row(4, _BEYOND)};
    CREATE VIEW shown AS SELECT id, updated_at, {_shown()},
        CASE WHEN id = 4 THEN jsonb_build_object({_unheld()})::text END AS _floodmark_unheld FROM types;
"""
