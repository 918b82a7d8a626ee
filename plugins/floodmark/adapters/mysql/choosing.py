"""A table's columns with the types that are chosen for them (``types``), and the values that don't fit (R31)."""

from __future__ import annotations

from dataclasses import replace

from floodmark.adapters.mysql.matrix.ways import TEXT, TRUTH, Expression
from floodmark.adapters.mysql.types import ZONED
from floodmark.core.carriage import MARK, Carriage, Check
from floodmark.core.config.target_types import DECIMALS, Choices, Chosen
from floodmark.core.schema import Column, TableSchema

_WHOLE = {
    "tinyint": 3, "tinyint unsigned": 3, "smallint": 5, "smallint unsigned": 5, "mediumint": 7, "mediumint unsigned": 8,
    "int": 10, "int unsigned": 10, "bigint": 19, "bigint unsigned": 20,
}  # fmt: skip
"""The digits of MySQL's whole numbers."""
_IN_DOUBLE = frozenset({one for one in _WHOLE if not one.startswith("bigint")})
_TRUTH = frozenset({*_WHOLE, "bit"})
_BOOL = frozenset({"tinyint(1)", "bit(1)"})
_KEYS = frozenset({"STRING", "INT64", *DECIMALS})
_MARK = f"_utf8mb4 x'{ord(MARK):02x}'"
_NO_KEY = "a key has to keep its type, or be STRING, NUMERIC or BIGNUMERIC (R30)"
ALLOWED: dict[str, tuple[str, ...]] = {
    "whole numbers": ("STRING", "NUMERIC", "BIGNUMERIC", "FLOAT64 (not of bigint)", "BOOL"),
    "bit": ("BOOL", "STRING"),
    "decimal": ("STRING", "NUMERIC or BIGNUMERIC that holds all its digits"),
    "timestamp": ("STRING", "DATETIME"),
    "datetime": ("STRING", "TIMESTAMP (in UTC)"),
    "any other": ("STRING",),
}
"""For people."""


def choose(schema: TableSchema, choices: Choices) -> TableSchema:
    """The same table, its columns travelling as chosen."""
    if not choices.types and not choices.soft:
        return schema
    return replace(schema, columns=tuple(_chosen(column, choices) for column in schema.columns))


def _by_itself(column: Column, choices: Choices) -> Column:
    """What MySQL calls BOOL is a number; where it says which rows are deleted, it is a truth."""
    if column.name != choices.soft or column.type not in _BOOL or choices.masks.of(column.name):
        return column
    return replace(column, carriage=TRUTH, key=TRUTH, base_type="boolean")


def _chosen(column: Column, choices: Choices) -> Column:
    choice = choices.of(column)
    if choice is None or column.carriage.refusal:
        return _by_itself(column, choices)
    way = _way(column, choice, choices.timezone)
    if isinstance(way, str):
        reason, _, remedy = way.partition("; ")
        return replace(column, misfit=f'column "{column.name}" is {column.type}: {reason}; {remedy}')
    if way == column.carriage:
        return column
    refusal = column.key.refusal or ("" if choice.bare in _KEYS else f"{_NO_KEY}; take {choice} off")
    return replace(column, carriage=way, key=replace(way, refusal=refusal), chosen=choices.words(choice))


def _way(column: Column, choice: Chosen, zone: str) -> Carriage | str:  # noqa: PLR0911
    own, base = column.carriage, column.base_type
    if own.target == choice.target:
        return own
    if choice.target == "STRING" and own.arrow != "binary":
        return replace(TEXT, expression=f"CONVERT({own.expression.replace('{}', '{0}')} USING utf8mb4)")
    if choice.target == "BOOL" and base in _TRUTH:
        return _truth()
    if choice.bare in DECIMALS and base in _WHOLE:
        return _decimal(own, choice, _WHOLE[base], 0)
    if choice.bare in DECIMALS and base.startswith("decimal") and own.arrow.startswith("decimal"):
        precision, scale = (int(part) for part in own.arrow.partition("(")[2].rstrip(")").split(", "))
        return _decimal(own, choice, precision - scale, scale)
    if choice.target == "FLOAT64" and base in _IN_DOUBLE:
        return replace(own, target="FLOAT64", convert="CAST({col} AS FLOAT64)")
    if choice.target == "DATETIME" and base == ZONED:
        return replace(own, target="DATETIME", convert="DATETIME({col}, 'UTC')")
    if choice.target == "TIMESTAMP" and base == "datetime" and zone == "UTC":
        return replace(own, target="TIMESTAMP", convert="{col}")
    return f"of MySQL it can't be {choice} yet; take {choice} off, or convert it in a SELECT of your own"


def _decimal(own: Carriage, choice: Chosen, whole: int, scale: int) -> Carriage | str:
    most, most_scale = choice.digits
    if whole > most or scale > most_scale:
        return f"its values may have {whole} digits before the point and {scale} after; write BIGNUMERIC, or STRING"
    return replace(own, target=choice.target, convert=f"CAST({{col}} AS {choice.bare})")


def _truth() -> Carriage:
    """0 and 1; another number is none, and comes behind a mark."""
    number = str(Expression.NUMBER)
    expression = (
        f"CASE {number} WHEN 1 THEN 'true' WHEN 0 THEN 'false' "
        f"ELSE CONCAT({_MARK}, CONVERT({number} USING utf8mb4)) END"
    )
    bad = f"{number} NOT IN (0, 1)"
    return Carriage(
        expression=expression, target="BOOL", convert="CAST({col} AS BOOL)", check=Check.MARKED, bad=bad, typed=number
    )
