"""The tables that are read: each of one shape, its values made by PostgreSQL from the row's number alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SHOP = Path(__file__).parents[1] / "shop.sql"
KEY = ("id", "bigint PRIMARY KEY", "g")
CURSOR = ("updated_at", "timestamptz NOT NULL", "timestamptz '2026-01-01' + g * interval '4 ms'")
LEAST_ROWS = 100

Column = tuple[str, str, str]
"""Its name, its type, and the expression of ``g``, the row's number from 1, that gives its value."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """``share``: its rows, for each row of the ten columns, so that a COPY of each takes about as long."""

    name: str
    what: str
    share: float
    columns: Callable[[], Sequence[Column]] | None = None
    """Those between key and cursor; None: the table is ``shop.sql``'s."""

    def rows(self, of: int) -> int:
        """Where the ten columns have so many."""
        return max(LEAST_ROWS, round(of * self.share))

    def statements(self, table: str, rows: int) -> list[str]:
        """What makes the table, anew."""
        if self.columns is None:
            made = SHOP.read_text(encoding="utf-8").replace("orders", table).replace("{rows}", str(rows))
            return [f"DROP TABLE IF EXISTS {table}", *filter(str.strip, made.split(";\n"))]
        columns = [KEY, *self.columns(), CURSOR]
        kinds = ", ".join(f"{name} {kind}" for name, kind, _ in columns)
        values = ", ".join(value for *_, value in columns)
        return [
            f"DROP TABLE IF EXISTS {table}",
            f"CREATE TABLE {table} ({kinds})",
            f"INSERT INTO {table} SELECT {values} FROM generate_series(1::bigint, {rows}) AS g",
            f"CREATE INDEX ON {table} (updated_at)",
            f"VACUUM (FREEZE, ANALYZE) {table}",
        ]


def _some_null(value: str, each: int) -> str:
    return f"CASE WHEN g % 10 <> {each % 10} THEN {value} END"


def _narrow() -> Sequence[Column]:
    return [("customer", "int NOT NULL", "(g * 7919 % 100000)::int")]


def _wide() -> Sequence[Column]:
    kinds = [
        ("int", "(g * {n} % 100000)::int"),
        ("bigint", "g * {n}"),
        ("text", "'value ' || g * {n} % 1000"),
        ("numeric(12, 2)", "(g * {n} % 1000000) / 100.0"),
        ("boolean", "g % {n} = 0"),
        ("timestamptz", "timestamptz '2026-01-01' + g * {n} % 86400 * interval '1 s'"),
        ("double precision", "g / {n}.0"),
        ("date", "date '2020-01-01' + (g * {n} % 2000)::int"),
        ("text", "CASE g % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'sent' ELSE 'returned' END"),
    ]
    places = [(number, *kinds[number % len(kinds)]) for number in range(198)]
    return [
        (
            f"c{number}",
            kind,
            _some_null(value.format(n=number + 3), number) if number % 5 == 0 else value.format(n=number + 3),
        )
        for number, kind, value in places
    ]


def _long_texts() -> Sequence[Column]:
    line = "md5(g::text) || ' a line of some words, written by a person, and then some more. '"
    return [
        ("title", "text NOT NULL", "'message ' || g"),
        ("body", "text", f"repeat({line}, (5 + g % 30)::int)"),
        ("attachment", "text", f"CASE WHEN g % 20 = 0 THEN repeat({line}, 400) END"),
    ]


def _jsonb() -> Sequence[Column]:
    document = """jsonb_build_object('id', g, 'kind', 'order', 'note', 'é "quoted" ' || md5(g::text),
        'total', g % 100000 / 100.0, 'paid', g % 3 = 0, 'customer', jsonb_build_object('name', 'customer ' || g % 1000,
        'tags', jsonb_build_array('a', 'b', g % 7)), 'nothing', NULL)"""
    return [("document", "jsonb NOT NULL", document), ("more", "jsonb", _some_null("to_jsonb(g % 100)", 0))]


def _numerics() -> Sequence[Column]:
    return [
        ("price", "numeric(12, 2) NOT NULL", "(g * 37 % 1000000) / 100.0"),
        ("rate", "numeric(9, 6)", "(g % 1000000) / 1000000.0"),
        ("units", "numeric(18, 0)", "g * 1000003"),
        ("fine", "numeric(38, 9)", "g * 1000003.000000001"),
        ("large", "numeric(38, 0)", "g * 100000000000000000003"),
        ("below", "numeric(12, 4)", "-(g * 41 % 1000000) / 10000.0"),
        ("free", "numeric", _some_null("(g % 100000) / 8.0", 3)),
        ("cents", "numeric(15, 2)", _some_null("(g * 53 % 100000000) / 100.0", 5)),
    ]


def _arrays() -> Sequence[Column]:
    return [
        ("numbers", "int[] NOT NULL", "ARRAY[g % 1000, g % 77, g % 5]::int[]"),
        ("words", "text[]", _some_null("ARRAY['new', 'a \"quoted\" word', 'tag ' || g % 100]", 1)),
        ("moments", "timestamptz[]", "ARRAY[timestamptz '2026-01-01' + g * interval '1 s']"),
        ("large", "bigint[]", "ARRAY[g, g * 2, g * 3, g * 4, g * 5, g * 6]"),
        ("flags", "boolean[]", _some_null("ARRAY[g % 2 = 0, g % 3 = 0]", 7)),
    ]


def _all_null() -> Sequence[Column]:
    kinds = ("text", "int", "bigint", "numeric(12, 2)", "jsonb", "uuid", "boolean", "timestamptz", "date")
    return [(f"c{number}", kinds[number % len(kinds)], "NULL") for number in range(18)]


def _columns_1500() -> Sequence[Column]:
    kinds = [
        ("int", "(g * {n} % 100000)::int"),
        ("text", "'v' || (g + {n}) % 100"),
        ("boolean", "(g + {n}) % 3 = 0"),
        ("real", "(g + {n}) % 1000 / 4.0"),
        ("smallint", "(g * {n} % 30000)::smallint"),
    ]
    places = [(number, *kinds[number % len(kinds)]) for number in range(1498)]
    return [(f"c{number}", kind, value.format(n=number + 1)) for number, kind, value in places]


SHAPES = {
    shape.name: shape
    for shape in (
        Shape(
            name="ten", what="ten columns: bigint, int, 2 text, numeric, jsonb, uuid, boolean, 2 timestamptz", share=1
        ),
        Shape(name="narrow", what="3 columns: bigint, int, timestamptz", share=1, columns=_narrow),
        Shape(name="wide", what="200 columns of eight types, a fifth of them with NULL", share=1 / 40, columns=_wide),
        Shape(
            name="texts",
            what="long texts, 0.5 to 4 kB, each twentieth row 40 kB more",
            share=1 / 20,
            columns=_long_texts,
        ),
        Shape(name="jsonb", what="jsonb documents of 250 bytes", share=1 / 4, columns=_jsonb),
        Shape(name="numerics", what="8 numeric columns, up to 38 digits", share=1 / 4, columns=_numerics),
        Shape(name="arrays", what="5 arrays of five types", share=1 / 8, columns=_arrays),
        Shape(name="null", what="18 columns of nine types, all NULL", share=1 / 2, columns=_all_null),
        Shape(name="1500", what="1,500 columns of five small types", share=1 / 200, columns=_columns_1500),
    )
}
"""By the name that ``--shapes`` takes; the first is the one that the report begins with."""
