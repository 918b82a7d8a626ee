"""Numbers, and truth."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Row, exact, remote, unheld
from floodmark.adapters.postgres.matrix.ways import INT64, MONEY, TEXT, decimal, plain

_FLOATS = (
    exact("'NaN'", "nan"),
    exact("'Infinity'", "inf"),
    exact("'-Infinity'", "-inf"),
    exact("'-0'", "-0.0"),
)


def _numeric(precision: int, scale: int, *edges: object, since: int = 12) -> Row:
    """``numeric(p, s)``."""
    return Row(
        type=f"numeric({precision},{scale})",
        name="numeric",
        modifier=(precision << 16 | scale & 0x7FF) + 4,
        carriage=decimal(precision, scale),
        edges=(*edges, unheld("'NaN'")),  # type: ignore[arg-type]
        since=since,
    )


ROWS = (
    Row(type="smallint", name="int2", carriage=plain("int16", "INT64"), edges=(exact("-32768"), exact("32767"))),
    Row(
        type="integer",
        name="int4",
        carriage=plain("int32", "INT64"),
        edges=(exact("-2147483648"), exact("2147483647")),
    ),
    Row(
        type="bigint",
        name="int8",
        carriage=INT64,
        edges=(exact("-9223372036854775808"), exact("9223372036854775807"), exact("9007199254740993")),
    ),
    Row(
        type="real",
        name="float4",
        carriage=plain("float", "FLOAT64"),
        edges=(
            exact("1.1", "1.100000023841858"),
            exact("1e-45", "1.401298464324817e-45"),
            exact("3.4028235e38", "3.4028234663852886e+38"),
            *_FLOATS,
        ),
        note="the same number in FLOAT64, which shows more of its digits",
    ),
    Row(
        type="double precision",
        name="float8",
        carriage=plain("double", "FLOAT64"),
        edges=(
            exact("0.30000000000000004"),
            exact("'5e-324'"),
            exact("1.7976931348623157e308", "1.7976931348623157e+308"),
            *_FLOATS,
        ),
    ),
    _numeric(12, 2, exact("9999999999.99"), exact("-0.01"), exact("1.50", "1.5")),
    _numeric(18, 9, exact("999999999.999999999"), exact("0.000000001")),
    _numeric(
        38, 9, exact("99999999999999999999999999999.999999999"), exact("-99999999999999999999999999999.999999999")
    ),
    _numeric(5, -2, exact("1234567", "1234600"), exact("-9999900"), since=15),
    _numeric(3, 5, exact("0.00999"), exact("-0.00999"), since=15),
    _numeric(25, 15, exact("9999999999.999999999999999"), exact("0.000000000000001")),
    _numeric(38, 0, remote("99999999999999999999999999999999999999", "99999999999999999999999999999999999999")),
    _numeric(38, 38, remote("0.00000000000000000000000000000000000001", f"0.{'0' * 37}1")),
    _numeric(
        40,
        10,
        remote("123456789012345678901234567890.0123456789", "123456789012345678901234567890.0123456789"),
        exact("-1.5", landed="-1.5000000000"),
    ),
    _numeric(
        76,
        38,
        remote(f"{'9' * 38}.{'9' * 38}", f"{'9' * 38}.{'9' * 38}"),
        remote("1e-38", f"0.{'0' * 37}1", landed=f"0.{'0' * 37}1"),
    ),
    Row(
        type="numeric(77,38)",
        name="numeric",
        modifier=(77 << 16 | 38) + 4,
        carriage=TEXT,
        edges=(exact(f"{'9' * 39}.{'9' * 38}"), exact("'NaN'")),
        note="more digits than BIGNUMERIC holds: text",
    ),
    Row(
        type="numeric",
        name="numeric",
        carriage=TEXT,
        edges=(
            exact("1.500"),
            exact("1e40", "1" + "0" * 40),
            exact("'1e-100'", "0." + "0" * 99 + "1"),
            exact("'NaN'"),
            exact("'-Infinity'", since=14),
        ),
        note="of any length, so text, which keeps trailing zeros",
    ),
    Row(
        type="money",
        name="money",
        carriage=MONEY,
        edges=(exact("'-92233720368547758.08'"), exact("'92233720368547758.07'")),
        note="by the server's own lc_monetary, which says how many digits are cents",
    ),
    Row(type="boolean", name="bool", carriage=plain("bool", "BOOL"), edges=(exact("true"), exact("false"))),
)
