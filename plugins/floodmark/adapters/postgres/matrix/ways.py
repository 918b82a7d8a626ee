"""How a SELECT writes a column of PostgreSQL's, and the carriages that follow of it (R27).

Text of a type is made by its output function, as ``COPY`` makes it: ``concat`` calls just that, whatever the type is.
For types that many tables have, the function's own name costs the server less (docs/performance.md). A cast to text may
have been defined anew (``CREATE CAST ... WITH FUNCTION``), and then says something else. Where a cast is written all
the same, it is one of PostgreSQL's own, which nobody can take away.
"""

from __future__ import annotations

from enum import StrEnum

from floodmark.core.carriage import Carriage, Check

_ANOTHER_BOUND = "pg_catalog.strpos(pg_catalog.replace(pg_catalog.array_dims({0}), '[1:', ''), '[') > 0"
"""An array one of whose dimensions doesn't begin at 1, as in ``[0:1][1:3]``; false for an empty one, and for NULL."""


class Expression(StrEnum):
    """How the SELECT writes a column; ``{0}`` stands for its quoted name.

    ``num_nulls``, since a composite of NULLs IS NULL and still is a value.
    """

    AS_IS = "{0}"
    TEXT = "CASE WHEN pg_catalog.num_nulls({0}) = 0 THEN pg_catalog.concat({0}) END"
    CAST = "{0}::text"
    BIGINT = "{0}::bigint"
    XID = "pg_catalog.int8in(pg_catalog.xidout({0}))"
    CID = "pg_catalog.int8in(pg_catalog.cidout({0}))"
    MONEY = "pg_catalog.textin(pg_catalog.numeric_out({0}::numeric))"
    NUMERIC = "pg_catalog.textin(pg_catalog.numeric_out({0}))"
    UUID = "pg_catalog.textin(pg_catalog.uuid_out({0}))"
    JSONB = "pg_catalog.textin(pg_catalog.jsonb_out({0}))"
    JSON = "pg_catalog.textin(pg_catalog.json_out(pg_catalog.to_json({0})))"
    ARRAY = (
        f"pg_catalog.textin(pg_catalog.json_out(CASE WHEN {_ANOTHER_BOUND} "
        "THEN pg_catalog.to_json(pg_catalog.concat({0})) ELSE pg_catalog.to_json({0}) END))"
    )
    ELEMENTS = (
        f"pg_catalog.textin(pg_catalog.json_out(CASE WHEN {_ANOTHER_BOUND} "
        "THEN pg_catalog.to_json(pg_catalog.concat({0})) "
        "WHEN pg_catalog.num_nulls({0}) = 0 THEN pg_catalog.to_json(pg_catalog.concat({0})::text[]) END))"
    )


def plain(arrow: str, landing: str, expression: Expression = Expression.AS_IS, check: Check = Check.NONE) -> Carriage:
    """What lands as it is to stay."""
    return Carriage(expression=expression, arrow=arrow, landing=landing, target=landing, check=check)


AS_IS = plain("string", "STRING")
"""Text, whose binary form is its text."""
TEXT = plain("string", "STRING", Expression.TEXT)
"""Anything else: PostgreSQL's own text, exact under the session's settings."""
CAST = plain("string", "STRING", Expression.CAST)
"""What PostgreSQL's own cast to text says, where its output function says more or less."""
COMPOSITE = plain("string", "STRING", Expression.JSON)
"""A JSON object by attribute: numbers with all their digits, moments in ISO 8601, other values as their own text."""
ARRAY = plain("string", "STRING", Expression.ARRAY)
"""A JSON array, likewise; where a lower bound isn't 1, a JSON string of PostgreSQL's own text of the array."""
ELEMENTS = plain("string", "STRING", Expression.ELEMENTS)
"""The same with each element as its own text, where JSON would make something else of it."""
INT64 = plain("int64", "INT64")
TIMESTAMP = plain("timestamp[us, tz=UTC]", "TIMESTAMP", check=Check.TIMESTAMP)
DATETIME = Carriage(
    expression=Expression.AS_IS,
    arrow="timestamp[us, tz=UTC]",
    landing="TIMESTAMP",
    target="DATETIME",
    convert="DATETIME({col}, 'UTC')",
    check=Check.TIMESTAMP,
)
MONEY = plain("decimal128(22, 3)", "NUMERIC", Expression.MONEY, Check.DECIMAL)
"""Cents where the server's lc_monetary has two digits, as most; NUMERIC holds it for none to three."""


def decimal(precision: int, scale: int) -> Carriage:
    """NUMERIC or BIGNUMERIC where every declared value fits, else text. The scale may be negative.

    BigQuery's "Decimal types": NUMERIC holds 29 digits before the point and 9 after, BIGNUMERIC 38 and 38.
    Above 38 digits in all, it lands as text: not every reader of Parquet takes wider decimals.
    """
    if scale < 0:
        precision, scale = precision - scale, 0
    precision = max(precision, scale)
    whole = precision - scale
    if whole > 38 or scale > 38:
        return TEXT
    target = "NUMERIC" if whole <= 29 and scale <= 9 else f"BIGNUMERIC({precision}, {scale})"
    if precision > 38:
        return Carriage(
            expression=Expression.NUMERIC,
            arrow="string",
            landing="STRING",
            target=target,
            convert="CAST({col} AS BIGNUMERIC)",
            check=Check.DECIMAL,
        )
    width = "decimal64" if precision <= 18 else "decimal128"
    return Carriage(
        expression=Expression.NUMERIC,
        arrow=f"{width}({precision}, {scale})",
        landing=target,
        target=target,
        check=Check.DECIMAL,
    )
