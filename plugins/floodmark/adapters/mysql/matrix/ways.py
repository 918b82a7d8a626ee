"""How a SELECT writes a column of MySQL's, and the carriages that follow of it (R27). Each value is the server's text.

A text is converted to utf8mb4 under a collation of its own, since texts of two collations end a CONCAT (1271).
"""

from __future__ import annotations

from enum import StrEnum

from floodmark.core.carriage import MARK, Carriage, Check


class Expression(StrEnum):
    """How the SELECT writes a column; ``{0}`` stands for it."""

    AS_IS = "{0}"
    TEXT = "CONVERT({0} USING utf8mb4) COLLATE utf8mb4_bin"
    NUMBER = "({0}+0)"
    DOUBLE = "({0}+0e0)"
    """A FLOAT by itself is cut to six digits."""
    HEX = "HEX({0})"
    TIME = "CAST({0} AS CHAR)"
    LETTERS = (
        f"IF(LOCATE(_utf8mb4 x'efbfbd', {TEXT}) > 0 OR CHAR_LENGTH({TEXT}) - CHAR_LENGTH(REPLACE({TEXT}, '?', '')) "
        f"<> CHAR_LENGTH({{0}}) - CHAR_LENGTH(REPLACE({{0}}, '?', '')), "
        f"CONCAT(_utf8mb4 x'{ord(MARK):02x}', HEX({{0}})), {TEXT})"
    )
    """What a byte without a letter becomes, U+FFFD or another ?, would stand for any such byte: here its text's hex."""


def plain(arrow: str, landing: str, expression: Expression = Expression.AS_IS, check: Check = Check.NONE) -> Carriage:
    """What lands as it is to stay."""
    return Carriage(expression=expression, arrow=arrow, landing=landing, target=landing, check=check)


INT64 = plain("int64", "INT64")
NUMBER = plain("int64", "INT64", Expression.NUMBER)
UNSIGNED = plain("decimal128(20, 0)", "NUMERIC")
"""``bigint unsigned`` goes beyond INT64."""
UNSIGNED_NUMBER = plain("decimal128(20, 0)", "NUMERIC", Expression.NUMBER)
TRUTH = Carriage(expression="({0}<>0)", arrow="bool", landing="BOOL", target="BOOL")
"""Any number but 0, as MySQL's own conditions take it."""
DOUBLE = plain("double", "FLOAT64")
FLOAT = plain("double", "FLOAT64", Expression.DOUBLE)
TEXT = plain("string", "STRING", Expression.TEXT)
LETTERS = plain("string", "STRING", Expression.LETTERS, Check.LETTERS)
BYTES = plain("binary", "BYTES", Expression.HEX)
DATE = plain("date32[day]", "DATE", check=Check.DATE)
TIME = plain("time64[us]", "TIME", check=Check.TIME)
TIMESTAMP = plain("timestamp[us, tz=UTC]", "TIMESTAMP", check=Check.TIMESTAMP)
DATETIME = Carriage(
    expression=Expression.AS_IS,
    arrow="timestamp[us, tz=UTC]",
    landing="TIMESTAMP",
    target="DATETIME",
    convert="DATETIME({col}, 'UTC')",
    check=Check.TIMESTAMP,
)


def decimal(precision: int, scale: int) -> Carriage:
    """NUMERIC or BIGNUMERIC where every declared value fits, else text; MySQL has no NaN.

    BigQuery's "Decimal types": NUMERIC holds 29 digits before the point and 9 after, BIGNUMERIC 38 and 38.
    """
    whole = precision - scale
    if whole > 38 or scale > 38:
        return TEXT
    target = "NUMERIC" if whole <= 29 and scale <= 9 else f"BIGNUMERIC({precision}, {scale})"
    if precision > 38:
        return Carriage(
            expression=Expression.TEXT, arrow="string", landing="STRING", target=target,
            convert="CAST({col} AS BIGNUMERIC)",
        )  # fmt: skip
    return plain(f"decimal128({precision}, {scale})", target)
