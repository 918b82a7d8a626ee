"""The pairs of a type and one that may be chosen for it (``types``), with the values at their edges: data for people.

``docs/types.md`` is written from it, and each is sent through the whole pipeline; ``chosen.py`` says how they travel.
"""

from __future__ import annotations

from dataclasses import dataclass

from floodmark.adapters.postgres.matrix.row import Edge, encoded, exact, remote, unheld


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A column declared as ``type``, and what ``types`` says of it; ``timezone`` is the table's.

    In an edge ``arrives`` is what GoogleSQL's ``CAST(... AS STRING)`` writes of it; of JSON and arrays
    ``TO_JSON_STRING``; of bytes their hex.
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
CHAPTERS: tuple[tuple[str, tuple[Pair, ...]], ...] = (("numbers", NUMBERS), ("texts", TEXTS))
PAIRS = tuple(pair for _, pairs in CHAPTERS for pair in pairs)
"""All of them."""
