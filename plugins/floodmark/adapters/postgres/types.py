"""How values of PostgreSQL's types travel (R27).

Only what Parquet maps natively is landed in raw; the MERGE converts the rest. Whatever Arrow or BigQuery can't hold
exactly travels as PostgreSQL's own text. ``char(n)`` travels without its padding, as that means nothing there.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from floodmark.core.carriage import Carriage, Check
from floodmark.core.schema import Column


class Expression(StrEnum):
    """How the SELECT writes a column; ``{}`` stands for its quoted name."""

    AS_IS = "{}"
    TEXT = "{}::text"
    BIGINT = "{}::bigint"
    TEXT_BIGINT = "{}::text::bigint"
    MONEY = "{}::numeric::text"
    JSON = "pg_catalog.to_json({})::text"


def _plain(arrow: str, landing: str, expression: Expression = Expression.AS_IS, check: Check = Check.NONE) -> Carriage:
    return Carriage(expression=expression, arrow=arrow, landing=landing, target=landing, check=check)


TEXT = _plain("string", "STRING", Expression.TEXT)
"""Anything else: PostgreSQL's own text, exact under the session's settings."""
JSON_TEXT = _plain("string", "STRING", Expression.JSON)
"""Arrays and composites: JSON text. Lower bounds of arrays other than 1 are not kept."""

_BY_NAME = {
    "int2": _plain("int16", "INT64"),
    "int4": _plain("int32", "INT64"),
    "int8": _plain("int64", "INT64"),
    "oid": _plain("int64", "INT64", Expression.BIGINT),
    "xid": _plain("int64", "INT64", Expression.TEXT_BIGINT),
    "cid": _plain("int64", "INT64", Expression.TEXT_BIGINT),
    "float4": _plain("float", "FLOAT64"),
    "float8": _plain("double", "FLOAT64"),
    # Cents where the server's lc_monetary has two digits, as most; NUMERIC holds it for none to three.
    "money": _plain("decimal128(22, 3)", "NUMERIC", Expression.MONEY, Check.DECIMAL),
    "bool": _plain("bool", "BOOL"),
    "text": _plain("string", "STRING"),
    "varchar": _plain("string", "STRING"),
    "name": _plain("string", "STRING"),
    "bytea": _plain("binary", "BYTES"),
    "date": _plain("date32[day]", "DATE", check=Check.DATE),
    "time": _plain("time64[us]", "TIME", check=Check.TIME),
    "timestamptz": _plain("timestamp[us, tz=UTC]", "TIMESTAMP", check=Check.TIMESTAMP),
    "timestamp": Carriage(
        expression=Expression.AS_IS,
        arrow="timestamp[us, tz=UTC]",
        landing="TIMESTAMP",
        target="DATETIME",
        convert="DATETIME({col}, 'UTC')",
        check=Check.TIMESTAMP,
    ),
}


def with_carriage(column: Column) -> Column:
    """The column as the catalog gave it, with how it travels."""
    return replace(column, carriage=carriage(column))


def carriage(column: Column) -> Carriage:
    """How a column of PostgreSQL travels. Types unknown here travel as text."""
    if column.kind == "p":
        return Carriage(refusal="a pseudo-type has no values of its own to carry")
    if column.array or column.kind == "c":
        return JSON_TEXT
    if column.kind == "e":
        return _plain("string", "STRING")
    if column.base_type == "numeric":
        return _numeric(column.modifier)
    return _BY_NAME.get(column.base_type, TEXT)


def precision_and_scale(modifier: int) -> tuple[int, int] | None:
    """What ``numeric(p, s)`` declares, from its ``atttypmod``; None for bare numeric. The scale may be negative."""
    if modifier < 4:
        return None
    precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
    return precision, scale - 2048 if scale >= 1024 else scale


def _numeric(modifier: int) -> Carriage:
    """NUMERIC or BIGNUMERIC where every declared value fits, else text.

    BigQuery's "Decimal types": NUMERIC holds 29 digits before the point and 9 after, BIGNUMERIC 38 and 38.
    Above 38 digits in all, it lands as text: not every reader of Parquet takes wider decimals.
    """
    declared = precision_and_scale(modifier)
    if declared is None:
        return TEXT
    precision, scale = declared
    if scale < 0:
        precision, scale = precision - scale, 0
    precision = max(precision, scale)
    whole = precision - scale
    if whole > 38 or scale > 38:
        return TEXT
    target = "NUMERIC" if whole <= 29 and scale <= 9 else f"BIGNUMERIC({precision}, {scale})"
    if precision > 38:
        return Carriage(
            expression=Expression.TEXT,
            arrow="string",
            landing="STRING",
            target=target,
            convert="CAST({col} AS BIGNUMERIC)",
            check=Check.DECIMAL,
        )
    width = "decimal64" if precision <= 18 else "decimal128"
    return Carriage(
        expression=Expression.TEXT,
        arrow=f"{width}({precision}, {scale})",
        landing=target,
        target=target,
        check=Check.DECIMAL,
    )
