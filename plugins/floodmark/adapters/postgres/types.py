"""How values of PostgreSQL's types travel (R27); the table of all types is in ``matrix``.

Only what Parquet maps natively is landed in raw; the MERGE converts the rest. Whatever Arrow or BigQuery can't hold
exactly travels as PostgreSQL's own text. ``char(n)`` travels without its padding, as that means nothing there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from floodmark.adapters.postgres.matrix.system import PSEUDO
from floodmark.adapters.postgres.matrix.ways import ARRAY, COMPOSITE, ELEMENTS, TEXT, decimal
from floodmark.adapters.postgres.matrix.whole import BUILT_IN
from floodmark.core.carriage import Carriage
from floodmark.core.schema import Column

_MICROSECONDS = 6
"""The precision that rounds nothing."""
_IN_PARTS = {"elements": ELEMENTS, "whole": TEXT}
"""Where JSON would not keep a part of it: what ``postgres/columns.sql`` says of such a column."""


def with_carriage(column: Column) -> Column:
    """The column as the catalog gave it, with how it travels, and the moments that it can hold."""
    return replace(column, carriage=carriage(column), tick=tick(column))


def tick(column: Column) -> timedelta:
    """The distance of the moments that ``timestamp(p)`` and ``timestamptz(p)`` can hold: PostgreSQL rounds to them."""
    if column.base_type not in ("timestamp", "timestamptz") or not 0 <= column.modifier < _MICROSECONDS:
        return timedelta(0)
    return timedelta(microseconds=10 ** (_MICROSECONDS - column.modifier))


def carriage(column: Column) -> Carriage:
    """How a column of PostgreSQL travels. Types unknown here travel as text."""
    if column.kind == "p":
        return PSEUDO
    if column.array:
        return _IN_PARTS.get(column.in_parts, ARRAY)
    if column.kind == "c":
        return _IN_PARTS.get(column.in_parts, COMPOSITE)
    if column.base_type == "numeric":
        declared = precision_and_scale(column.modifier)
        return decimal(*declared) if declared else TEXT
    return BUILT_IN.get(column.base_type, TEXT)


def precision_and_scale(modifier: int) -> tuple[int, int] | None:
    """What ``numeric(p, s)`` declares, from its ``atttypmod``; None for bare numeric. The scale may be negative."""
    if modifier < 4:
        return None
    precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
    return precision, scale - 2048 if scale >= 1024 else scale
