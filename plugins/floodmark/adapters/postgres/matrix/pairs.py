"""The pairs of a type and one that may be chosen for it (``types``), with the values at their edges: data for people.

``docs/types.md`` is written from it, and each is sent through the whole pipeline; ``chosen.py`` says how they travel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from floodmark.adapters.postgres.matrix.row import Edge, Word, encoded, exact, remote, unheld


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A column declared as ``type``, and what ``types`` says of it; ``timezone`` is the table's.

    In an edge ``arrives`` is what GoogleSQL's ``CAST(... AS STRING)`` writes of it, or of each element in brackets; of
    JSON ``TO_JSON_STRING``; of bytes their hex.
    """

    type: str
    chosen: object
    edges: tuple[Edge, ...]
    note: str = ""
    timezone: str = "UTC"
    made: tuple[str, ...] = ()


_MOST = "9" * 29 + "." + "9" * 9
_BIG = "9" * 38 + "." + "9" * 38
NUMBERS = (
    Pair(type="smallint", chosen="NUMERIC", edges=(exact("-32768"),)),
    Pair(type="smallint", chosen="BIGNUMERIC", edges=(exact("32767"),)),
    Pair(type="smallint", chosen="FLOAT64", edges=(exact("32767", "32767.0"),)),
    Pair(type="integer", chosen="BIGNUMERIC", edges=(exact("2147483647"),)),
    Pair(type="bigint", chosen="NUMERIC", edges=(exact("9223372036854775807"),)),
    Pair(type="integer", chosen="NUMERIC(10)", edges=(exact("2147483647"),)),
    Pair(type="bigint", chosen="BIGNUMERIC", edges=(exact("'-9223372036854775808'"), exact("9223372036854775807"))),
    Pair(type="integer", chosen="FLOAT64", edges=(exact("-2147483648", "-2147483648.0"), exact("0", "0.0"))),
    Pair(
        type="numeric",
        chosen="NUMERIC",
        edges=(
            exact(f"-{_MOST}"),
            exact("1.50000000000000000000", "1.5"),
            unheld("'1.0000000001'"),
            unheld("'100000000000000000000000000000'"),
            unheld("'NaN'"),
        ),
        note="29 digits before its point and 9 after; zeros at the end don't count",
    ),
    Pair(
        type="numeric",
        chosen="NUMERIC(5, 2)",
        edges=(exact("999.99"), unheld("'0.001'"), unheld("'1000.00'")),
    ),
    Pair(
        type="numeric",
        chosen="BIGNUMERIC",
        edges=(
            exact("0.5"),
            remote(f"-{_BIG}", f"-{_BIG}"),
            unheld(f"'{'9' * 39}'"),
            unheld(f"'0.{'0' * 38}1'"),
            unheld("'NaN'"),
        ),
        note="38 digits before its point and 38 after",
    ),
    Pair(
        type="numeric(38,20)",
        chosen="NUMERIC",
        edges=(exact("1.5", "1.5"), unheld("'1.00000000010000000000'")),
    ),
    Pair(type="numeric(12,2)", chosen="BIGNUMERIC", edges=(exact("1.50", "1.5"), unheld("'NaN'"))),
    Pair(
        type="numeric",
        chosen="INT64",
        edges=(
            exact("5.00", "5"),
            exact("-9223372036854775808"),
            exact("9223372036854775807"),
            unheld("'5.5'"),
            unheld("'9223372036854775808'"),
            unheld("'NaN'"),
        ),
        note="whole numbers of 64 bits",
    ),
)
_MOOD = "CREATE TYPE mood AS ENUM ('ok', 'so so')"
_UUID = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
TEXTS = (
    Pair(type="uuid", chosen="BYTES", edges=(exact(f"'{_UUID}'", _UUID.replace("-", "")),), note="its 16 bytes"),
    Pair(
        type="date",
        chosen="STRING",
        edges=(exact("'infinity'"), exact("'0044-03-15 BC'"), exact("'2026-11-01'")),
        note="any type may be STRING: PostgreSQL's own text, whatever it holds",
    ),
    Pair(type="numeric(12,2)", chosen="STRING", edges=(exact("1.50"), exact("'NaN'"))),
    Pair(type="boolean", chosen="STRING", edges=(encoded("true", "t", "PostgreSQL's own text"),)),
)
_BERLIN = "Europe/Berlin"
_SKIPPED, _TWICE = "2026-03-29 02:30:00", "2026-10-25 02:30:00"
TIMES = (
    Pair(
        type="timestamp",
        chosen="TIMESTAMP",
        edges=(
            exact(f"'{_TWICE}'", f"{_TWICE}+00"),
            exact("'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999+00"),
            unheld("'infinity'"),
        ),
        note="taken as the table's `timezone`, UTC by default",
    ),
    Pair(
        type="timestamp",
        chosen="TIMESTAMP",
        timezone=_BERLIN,
        edges=(
            exact("'2026-10-25 01:59:59.999999'", "2026-10-24 23:59:59.999999+00"),
            exact("'2026-10-25 03:00:00'", "2026-10-25 02:00:00+00"),
            exact("'1893-03-31 23:00:00'", "1893-03-31 22:06:32+00"),
            unheld(f"'{_TWICE}'"),
            unheld(f"'{_SKIPPED}'"),
            unheld("'infinity'"),
            unheld("'0001-01-01 00:00:00'"),
        ),
        note="of another zone: a time that comes twice there, or never, is no moment",
    ),
    Pair(
        type="date",
        chosen="TIMESTAMP",
        timezone=_BERLIN,
        edges=(exact("'2026-11-01'", "2026-10-31 23:00:00+00"), unheld("'-infinity'"), unheld("'10000-01-01'")),
        note="its midnight in the table's `timezone`",
    ),
    Pair(
        type="date",
        chosen="TIMESTAMP",
        edges=(exact("'0001-01-01'", "0001-01-01 00:00:00+00"), unheld("'infinity'")),
    ),
    Pair(
        type="date",
        chosen="DATETIME",
        edges=(exact("'9999-12-31'", "9999-12-31 00:00:00"), unheld("'0044-03-15 BC'")),
        note="its midnight",
    ),
    Pair(
        type="timestamptz",
        chosen="DATETIME",
        edges=(exact("'2026-10-25 02:30:00.000001+02'", "2026-10-25 00:30:00.000001"), unheld("'infinity'")),
        note="in UTC, whatever the table's `timezone`",
    ),
)
_DEEP = "[" * 499 + "]" * 499
DOCUMENTS = (
    Pair(
        type="jsonb",
        chosen="JSON",
        edges=(
            encoded(
                """'{"b": [1, 1.50, null], "a": "é"}'""",
                '{"a":"é","b":[1,1.5,null]}',
                "as a value",
            ),
            exact("'null'"),
            exact("'0.30000000000000004'"),
            exact("'18446744073709551615'"),
            unheld("'18446744073709551616'"),
            unheld("'0.1234567890123456789'"),
            unheld("'[9007199254740993.0]'"),
            exact(f"'{_DEEP[:400]}{_DEEP[-400:]}'"),
        ),
        note="a number that doesn't round-trip through a double, unless it is a whole one of 64 bits, is refused by "
        "PARSE_JSON; so is a document of more than 500 levels",
    ),
    Pair(
        type="json",
        chosen="JSON",
        edges=(
            encoded("""'{"b": 1e5,  "a": "\\ud83d\\ude00"}'""", '{"a":"😀","b":100000.0}', "as a value"),
            exact(r"""'"C:\\udata"'""", r'"C:\\udata"'),
            unheld("""'{"a": 1, "a": 2}'"""),
            unheld(r"""'"\ud83d"'"""),
            unheld(r"""'"\u0000"'"""),
            unheld("'12345678901234567890e0'"),
            unheld("'1e400'"),
            unheld("'1e400000'"),
        ),
        note="of a name that comes twice BigQuery would keep the first value only",
    ),
    Pair(
        type="text",
        chosen="JSON",
        edges=(exact("""'{"a":1}'"""), unheld("'{a: 1}'"), unheld("'NaN'")),
        note="a text that is no JSON is a bad value; needs PostgreSQL 16",
    ),
    Pair(type="character varying", chosen="JSON", edges=(exact("'[1,2]'"), unheld("'[1,]'"))),
    Pair(
        type="jsonb",
        chosen={"JSON": "round"},
        edges=(
            Edge(
                written="'0.1234567890123456789'",
                word=Word.TOLD,
                arrives="0.12345678901234568",
                note="as close as a double comes",
                local=False,
            ),
            unheld(f"'1{'0' * 301}'"),
        ),
        note="numbers may be rounded, since the file says so",
    ),
)


def _empty(written: str) -> Edge:
    """An array that a REPEATED column can't hold: it is empty there, its text beside it."""
    return replace(unheld(written), arrives="[]")


ARRAYS = (
    Pair(
        type="text[]",
        chosen="ARRAY<STRING>",
        edges=(
            exact(r"""ARRAY['a', '', 'NULL', E'"\\', E'\x01', 'é😀']""", '[a, , NULL, "\\, \x01, é😀]'),
            exact("'{}'", "[]"),
            _empty("NULL"),
            _empty("'{a,NULL}'"),
            _empty("'{{a},{b}}'"),
            _empty("'[0:0]={a}'"),
        ),
        note="a REPEATED column holds one dimension that begins at 1, and no NULL: such an array is empty there, its "
        "text beside",
    ),
    Pair(type="uuid[]", chosen="ARRAY<STRING>", edges=(exact(f"'{{{_UUID}}}'", f"[{_UUID}]"),)),
    Pair(type="mood[]", chosen="ARRAY<STRING>", edges=(exact("'{ok,so so}'", "[ok, so so]"),), made=(_MOOD,)),
    Pair(
        type="bigint[]",
        chosen="ARRAY<INT64>",
        edges=(exact("'{1,-2,9223372036854775807}'", "[1, -2, 9223372036854775807]"),),
    ),
    Pair(type="smallint[]", chosen="ARRAY<INT64>", edges=(exact("'{-32768}'", "[-32768]"),)),
    Pair(type="integer[]", chosen="ARRAY<INT64>", edges=(exact("'{2147483647}'", "[2147483647]"),)),
    Pair(type="character varying[]", chosen="ARRAY<STRING>", edges=(exact("'{a,b}'", "[a, b]"),)),
    Pair(type="character(3)[]", chosen="ARRAY<STRING>", edges=(exact("'{x}'", "[x  ]"),), note="with its padding"),
    Pair(type="name[]", chosen="ARRAY<STRING>", edges=(exact("'{n}'", "[n]"),)),
    Pair(type="boolean[]", chosen="ARRAY<BOOL>", edges=(exact("'{t,f}'", "[true, false]"),)),
    Pair(
        type="double precision[]",
        chosen="ARRAY<FLOAT64>",
        edges=(exact("'{0.30000000000000004,NaN,-Infinity}'", "[0.30000000000000004, nan, -inf]"),),
    ),
    Pair(type="real[]", chosen="ARRAY<FLOAT64>", edges=(exact("'{0.1}'", "[0.10000000149011612]"),)),
    Pair(
        type="numeric[]",
        chosen="ARRAY<NUMERIC>",
        edges=(
            exact("'{1.50,-2}'", "[1.5, -2]"),
            _empty("'{1,NaN}'"),
            _empty("'{0.0000000001}'"),
        ),
    ),
    Pair(type="numeric(20,10)[]", chosen="ARRAY<BIGNUMERIC>", edges=(exact("'{1.5}'", "[1.5]"),)),
    Pair(
        type="date[]",
        chosen="ARRAY<DATE>",
        edges=(
            exact("'{0001-01-01,9999-12-31}'", "[0001-01-01, 9999-12-31]"),
            _empty("'{infinity}'"),
        ),
    ),
    Pair(
        type="timestamp[]",
        chosen="ARRAY<DATETIME>",
        edges=(exact("'{2026-10-25 02:30:00.000001}'", "[2026-10-25 02:30:00.000001]"),),
    ),
    Pair(
        type="timestamptz[]",
        chosen="ARRAY<TIMESTAMP>",
        edges=(exact("'{2026-10-25 02:30:00.500001+02}'", "[2026-10-25 00:30:00.500001+00]"),),
    ),
)
CHAPTERS: tuple[tuple[str, tuple[Pair, ...]], ...] = (
    ("Numbers", NUMBERS),
    ("Texts and bytes", TEXTS),
    ("Days and moments", TIMES),
    ("Documents", DOCUMENTS),
    ("Arrays", ARRAYS),
)
PAIRS = tuple(pair for _, pairs in CHAPTERS for pair in pairs)
"""All of them."""
