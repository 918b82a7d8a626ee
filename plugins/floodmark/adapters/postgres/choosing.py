"""A table's columns with the types that are chosen for them (``types``)."""

from __future__ import annotations

import re
from dataclasses import replace

from floodmark.adapters.postgres.matrix import chosen
from floodmark.adapters.postgres.matrix.chosen import KEYS, Asked
from floodmark.adapters.postgres.matrix.pairs import Pair
from floodmark.adapters.postgres.types import precision_and_scale, with_carriage
from floodmark.core.carriage import Carriage
from floodmark.core.config import target_types
from floodmark.core.config.target_types import Choices, Chosen
from floodmark.core.schema import Column, TableSchema

NEWEST = 180_000
"""The server that the page is written for, as libpq tells it."""
_DIGITS = re.compile(r"\((\d+),(\d+)\)")
_BASES = {
    "smallint": "int2",
    "integer": "int4",
    "bigint": "int8",
    "boolean": "bool",
    "character": "bpchar",
    "character varying": "varchar",
    "real": "float4",
    "double precision": "float8",
}
_NO_KEY = "a key has to keep its type, or be STRING, INT64, NUMERIC or BIGNUMERIC (R30)"


def choose(schema: TableSchema, choices: Choices, version: int) -> TableSchema:
    """The same table, its columns travelling as chosen. ``version`` is the server's, as libpq tells it (160003)."""
    if not choices.types:
        return schema
    return replace(schema, columns=tuple(_chosen(column, choices, version) for column in schema.columns))


def _chosen(column: Column, choices: Choices, version: int) -> Column:
    choice = choices.of(column)
    if choice is None or column.carriage.refusal:
        return column
    way = chosen.way(
        Asked(
            base_type=column.base_type,
            own=column.carriage,
            chosen=choice,
            digits=_digits(column),
            array=column.array,
            enum=column.kind == "e",
            timezone=choices.timezone,
            version=version,
        )
    )
    if isinstance(way, str):
        reason, _, remedy = way.partition("; ")
        return replace(column, misfit=f'column "{column.name}" is {column.type}: {reason}; {remedy}')
    if way == column.carriage:
        return column
    return replace(column, carriage=way, key=_as_key(column, choice, way), chosen=choices.words(choice))


def _as_key(column: Column, choice: Chosen, way: Carriage) -> Carriage:
    """How it travels as a part of the key. As text only where its own text is the one of all equal values."""
    one_text = column.key == column.carriage
    if column.key.refusal or choice.bare not in KEYS or (choice.bare == "STRING" and not one_text):
        return replace(way, refusal=column.key.refusal or f"{_NO_KEY}; take {choice} off, or name another key")
    return way


def _digits(column: Column) -> tuple[int, int] | None:
    """What a numeric declares before and after its point; None where it declares nothing."""
    declared = precision_and_scale(column.modifier) if column.base_type == "numeric" else None
    if declared is None:
        return None
    precision, scale = declared
    return max(precision - scale, 0), max(scale, 0)


def of_pair(pair: Pair) -> Column:
    """The column as the catalog describes it, its type chosen."""
    element = pair.type.removesuffix("[]")
    digits = _DIGITS.search(element) if element.startswith("numeric") else None
    precision, scale = (int(digits[1]), int(digits[2])) if digits else (0, 0)
    base = element.partition("(")[0]
    column = Column(
        name="x",
        type=pair.type,
        base_type=f"public.{base}" if pair.made else _BASES.get(base, base),
        kind="e" if pair.made else "b",
        modifier=(precision << 16 | scale) + 4 if digits else -1,
        array=pair.type.endswith("[]"),
    )
    schema = TableSchema(schema="", name="", columns=(with_carriage(column),))
    choices = Choices(types=target_types.parse({"x": pair.chosen}), timezone=pair.timezone)
    return choose(schema, choices, NEWEST).columns[0]
