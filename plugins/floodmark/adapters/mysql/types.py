"""How values of MySQL's types travel (R27); the table of all types is in ``matrix``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from floodmark.adapters.mysql.matrix import ways
from floodmark.adapters.mysql.matrix.whole import BUILT_IN
from floodmark.core.carriage import Carriage
from floodmark.core.schema import Column

ZONED = "timestamp with time zone"
"""What :mod:`floodmark.core.resolve.cursors` calls MySQL's TIMESTAMP: its own name means a time without zone there."""
_TICK = timedelta(seconds=1)
"""However many digits a cursor has: who writes NOW() into it, not NOW(6), gives it whole seconds, which lie up to one
before the statement's start (M2)."""
_REMEDY = (
    "name another key; or add a generated column with one text for each value, and a unique index over it; or write "
    "sync: full"
)
WHOLE_CHARSETS = frozenset({
    "utf8mb4", "utf8mb3", "utf8", "ucs2", "utf16", "utf16le", "utf32", "gb18030", "latin1", "latin2", "latin5",
    "latin7", "cp850", "cp852", "cp866", "koi8r", "koi8u", "macce", "macroman", "keybcs2", "armscii8",
})  # fmt: skip
"""Character sets of which each byte, or pair of bytes, is a letter of its own: *measured* by all that there are."""
NO_KEY = {
    "float": "-0 equals 0, and a FLOAT is cut when it is compared",
    "double": "-0 equals 0, and BigQuery tells floats apart by more than MySQL shows",
    "json": "equal documents may have several texts, and BigQuery compares texts",
    **dict.fromkeys(
        (
            "geometry",
            "point",
            "linestring",
            "polygon",
            "multipoint",
            "multilinestring",
            "multipolygon",
            "geometrycollection",
            "geomcollection",
            "vector",
        ),
        "equal shapes may have several forms",
    ),
}
"""Types of which equal values have several forms, each with why it can't be a key (R30)."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One column as the catalog has it: ``data_type`` bare, ``column_type`` whole (``int(10) unsigned``).

    ``charset`` is that of a text; empty where it isn't one, or where it isn't told: of a SELECT of the user's own.
    """

    data_type: str
    column_type: str
    precision: int | None = None
    scale: int | None = None
    charset: str = ""


def described(column: Column, declared: Declared) -> Column:
    """The column as the catalog gave it, with how it travels, by itself and as a key, and what moments it holds."""
    way = carriage(declared)
    timed = declared.data_type in ("timestamp", "datetime")
    return replace(
        column,
        carriage=way,
        key=_key(declared, way),
        tick=_TICK if timed else column.tick,
    )


def base_type(declared: Declared) -> str:
    """The type's name as core reads it: MySQL's own, but for TIMESTAMP, and with what makes it another type."""
    if declared.data_type == "timestamp":
        return ZONED
    unsigned = " unsigned" if "unsigned" in declared.column_type else ""
    return declared.data_type + unsigned


def carriage(declared: Declared) -> Carriage:
    """How a column of MySQL travels. A type that is unknown here is refused: nobody knows what its text means."""
    if declared.data_type == "decimal":
        return ways.decimal(declared.precision or 10, declared.scale or 0)
    if declared.data_type == "bigint" and "unsigned" in declared.column_type:
        return ways.UNSIGNED
    if declared.data_type == "bit":
        return ways.UNSIGNED_NUMBER if declared.precision == 64 else ways.NUMBER
    if declared.data_type in BUILT_IN:
        way = BUILT_IN[declared.data_type]
        return ways.LETTERS if way == ways.TEXT and declared.charset not in ("", *WHOLE_CHARSETS) else way
    return Carriage(
        refusal=f"type {declared.column_type} is not known to Floodmark; exclude the column, or cast it in a SELECT "
        "of your own"
    )


def _key(declared: Declared, way: Carriage) -> Carriage:
    """The same as part of a key: a collation may hold two texts for equal, which then can't both be in the source."""
    if way.refusal or declared.data_type not in NO_KEY:
        return way
    return Carriage(refusal=f"type {declared.column_type}: {NO_KEY[declared.data_type]} (R30); {_REMEDY}")
