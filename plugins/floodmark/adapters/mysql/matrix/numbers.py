"""Numbers."""

from __future__ import annotations

from floodmark.adapters.mysql.matrix.row import Edge, Row, exact
from floodmark.adapters.mysql.matrix.ways import DOUBLE, FLOAT, INT64, NUMBER, UNSIGNED, UNSIGNED_NUMBER, decimal


def _decimal(precision: int, scale: int, *edges: Edge, after: str = "", note: str = "") -> Row:
    return Row(
        type=f"decimal({precision},{scale}){after}", name="decimal", digits=True, carriage=decimal(precision, scale),
        edges=edges, note=note,
    )  # fmt: skip


ROWS = (
    Row(
        type="tinyint(1)",
        name="tinyint",
        carriage=INT64,
        edges=(exact("0"), exact("1"), exact("127"), exact("-128")),
        note="what MySQL calls BOOL holds any small number; `types: {column: BOOL}` makes it a BOOL",
    ),
    Row(type="tinyint unsigned", name="tinyint", carriage=INT64, edges=(exact("255"),)),
    Row(type="smallint", name="smallint", carriage=INT64, edges=(exact("-32768"), exact("32767"))),
    Row(type="smallint unsigned", name="smallint", carriage=INT64, edges=(exact("65535"),)),
    Row(type="mediumint", name="mediumint", carriage=INT64, edges=(exact("-8388608"),)),
    Row(type="int", name="int", carriage=INT64, edges=(exact("-2147483648"), exact("2147483647"))),
    Row(type="int unsigned", name="int", carriage=INT64, edges=(exact("4294967295"),)),
    Row(type="int(8) zerofill", name="int", carriage=INT64, edges=(exact("42"),), note="without the zeros before it"),
    Row(
        type="bigint",
        name="bigint",
        carriage=INT64,
        edges=(exact("-9223372036854775808"), exact("9223372036854775807"), exact("9007199254740993")),
    ),
    Row(
        type="bigint unsigned",
        name="bigint",
        digits=True,
        carriage=UNSIGNED,
        edges=(exact("18446744073709551615"), exact("0")),
        note="goes beyond INT64",
    ),
    Row(type="bit(1)", name="bit", digits=True, carriage=NUMBER, edges=(exact("b'1'", "1"), exact("b'0'", "0"))),
    Row(type="bit(12)", name="bit", digits=True, carriage=NUMBER, edges=(exact("b'101010101010'", "2730"),)),
    Row(
        type="bit(64)",
        name="bit",
        digits=True,
        carriage=UNSIGNED_NUMBER,
        edges=(exact("18446744073709551615"),),
        note="goes beyond INT64",
    ),
    _decimal(12, 2, exact("9999999999.99"), exact("-0.01"), exact("1.50", "1.5")),
    _decimal(10, 2, exact("1.5"), after=" unsigned zerofill"),
    _decimal(38, 9, exact("99999999999999999999999999999.999999999")),
    _decimal(30, 15, exact("123456789012345.123456789012345")),
    _decimal(
        65, 30,
        exact("12345678901234567890123456789012345.123456789012345678901234567890",
              "12345678901234567890123456789012345.12345678901234567890123456789",
              landed="12345678901234567890123456789012345.123456789012345678901234567890"),
        note="within BIGNUMERIC; lands as text",
    ),
    _decimal(65, 0, exact("9" * 65), note="more digits than BIGNUMERIC holds: text"),
    Row(
        type="float",
        name="float",
        carriage=FLOAT,
        edges=(
            exact("1.1", "1.100000023841858"),
            exact("16777217", "16777216.0"),
            exact("3.4028234e38", "3.4028234663852886e+38"),
            exact("1e-45", "1.401298464324817e-45"),
        ),
        note="the same number in FLOAT64, which shows more of its digits; read by itself, MySQL cuts it to six",
    ),
    Row(
        type="double",
        name="double",
        carriage=DOUBLE,
        edges=(
            exact("0.1"),
            exact("0.30000000000000004"),
            exact("1.7976931348623157e308", "1.7976931348623157e+308"),
            exact("5e-324"),
        ),
    ),
)  # fmt: skip
