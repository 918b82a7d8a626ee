"""Types of BigQuery's that a column may be given instead of its own (``types``), and the values that don't fit (R31).

The SELECT itself says which values those are: their own text comes behind a mark, so that both ends decide alike. What
always fits lands as it would by itself, and the MERGE converts it, so that raw stays as it was. ``{0}`` stands for the
column's quoted name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from floodmark.adapters.postgres.matrix.fitting import (
    array_misfit,
    decimal_misfit,
    moment_misfit,
    moment_of,
    own_text,
    whole_misfit,
)
from floodmark.adapters.postgres.matrix.json_fitting import json_misfit
from floodmark.adapters.postgres.matrix.ways import TEXT, Expression
from floodmark.core.carriage import MARK, Carriage, Check
from floodmark.core.config.target_types import DECIMALS, Chosen

_WHOLE = {"int2": 5, "int4": 10, "int8": 19}
"""The digits of PostgreSQL's whole numbers."""
_TEXTS = ("text", "varchar")
_TELLS_JSON = 160_000
"""The first version with ``IS JSON``."""
_IN_DOUBLE = ("int2", "int4")
"""Whole numbers that FLOAT64 holds exactly."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A column as it travels by itself, and what is asked of it: ``digits`` before and after its point, if declared."""

    base_type: str
    own: Carriage
    chosen: Chosen
    digits: tuple[int, int] | None = None
    array: bool = False
    enum: bool = False
    timezone: str = "UTC"
    version: int = 0


Way = Callable[[Asked], Carriage | str]
"""The way of a pair; or why there is none, and the remedy behind a semicolon."""


def marked(asked: Asked, bad: str, *, expression: str, convert: str, typed: str = "") -> Carriage:
    """What lands as text, the values that don't fit as their own text behind a mark."""
    misfit = f"pg_catalog.chr({ord(MARK)}) || {own_text('{0}')}"
    select = f"CASE WHEN {bad} THEN {misfit} WHEN pg_catalog.num_nulls({{0}}) = 0 THEN {expression} END"
    return Carriage(
        expression=select, target=asked.chosen.target, convert=convert, check=Check.MARKED, bad=bad, typed=typed
    )


def _whole_to_decimal(asked: Asked) -> Carriage | str:
    whole, _ = asked.chosen.digits
    if whole < _WHOLE[asked.base_type]:
        return (
            f"{asked.base_type} has up to {_WHOLE[asked.base_type]} digits; write {asked.chosen.bare}, without digits"
        )
    return replace(asked.own, target=asked.chosen.target, convert=f"CAST({{col}} AS {asked.chosen.bare})")


def _whole_to_float(asked: Asked) -> Carriage | str:
    return replace(asked.own, target="FLOAT64", convert="CAST({col} AS FLOAT64)", typed="{0}::double precision")


def _decimal(asked: Asked) -> Carriage | str:
    own, chosen = asked.own, asked.chosen
    whole, scale = chosen.digits
    if asked.digits and asked.digits[0] <= whole and asked.digits[1] <= scale and own.arrow != "string":
        convert = own.convert if own.target.startswith(chosen.bare) else f"CAST({{col}} AS {chosen.bare})"
        return replace(own, target=chosen.target, convert=convert)
    expression = str(Expression.NUMERIC)
    return marked(
        asked,
        decimal_misfit(expression, whole, scale),
        expression=expression,
        convert=f"CAST({{col}} AS {chosen.bare})",
    )


def _decimal_to_whole(asked: Asked) -> Carriage | str:
    expression = "pg_catalog.textin(pg_catalog.int8out({0}::bigint))"
    return marked(
        asked, whole_misfit("{0}"), expression=expression, convert="CAST({col} AS INT64)", typed="{0}::bigint"
    )


def _to_bytes(asked: Asked) -> Carriage | str:
    return replace(
        asked.own, target="BYTES", convert="FROM_HEX(REPLACE({col}, '-', ''))", typed="pg_catalog.uuid_send({0})"
    )


def _json(asked: Asked) -> Carriage | str:
    if asked.base_type in _TEXTS and asked.version < _TELLS_JSON:
        return "PostgreSQL tells whether a text is JSON from version 16 on; make it json or jsonb in the source"
    bad = json_misfit(asked.base_type, rounds=asked.chosen.rounds)
    mode = ", wide_number_mode => 'round'" if asked.chosen.rounds else ""
    return marked(asked, bad, expression="pg_catalog.concat({0})", convert=f"PARSE_JSON({{col}}{mode})")


def _to_moment(asked: Asked) -> Carriage | str:
    """A wall time in the table's zone; in UTC each is a moment. A day is its midnight."""
    wall = "{0}::timestamp" if asked.base_type == "date" else "{0}"
    if asked.timezone == "UTC":
        convert = "TIMESTAMP({col}, 'UTC')" if asked.base_type == "date" else "{col}"
        return replace(asked.own, target="TIMESTAMP", convert=convert, typed=wall)
    moment = moment_of(wall, asked.timezone)
    return marked(
        asked,
        moment_misfit(wall, asked.timezone),
        expression=f"pg_catalog.concat({moment})",
        convert="CAST({col} AS TIMESTAMP)",
        typed=moment,
    )


def _to_wall(asked: Asked) -> Carriage | str:
    if asked.base_type == "date":
        return replace(asked.own, target="DATETIME", convert="CAST({col} AS DATETIME)", typed="{0}::timestamp")
    return replace(asked.own, target="DATETIME", convert="DATETIME({col}, 'UTC')")


def _array(asked: Asked) -> Carriage | str:
    element = asked.chosen.element
    misfit = " OR ".join(["_floodmark_e IS NULL", *_misfits(element)])
    selected = "{0}::double precision[]" if asked.base_type == "float4" else "{0}"
    cast = "_floodmark_e" if element == "STRING" else f"CAST(_floodmark_e AS {element})"
    return marked(
        asked,
        array_misfit("{0}", misfit),
        expression=Expression.JSON.format(selected),
        convert=f"ARRAY(SELECT {cast} FROM UNNEST(JSON_VALUE_ARRAY({{col}})) AS _floodmark_e "
        "WITH OFFSET AS _floodmark_o ORDER BY _floodmark_o)",
    )


def _misfits(element: str) -> list[str]:
    """Conditions for an element that doesn't fit."""
    if element in DECIMALS:
        text = "pg_catalog.textin(pg_catalog.numeric_out(_floodmark_e))"
        return [decimal_misfit(text, *DECIMALS[element])]
    if element in ("DATE", "DATETIME", "TIMESTAMP"):
        return ["_floodmark_e < '0001-01-01' OR _floodmark_e >= '10000-01-01'"]
    return []


def _rounds(asked: Asked) -> Carriage | str:
    return "FLOAT64 would round it; write NUMERIC or BIGNUMERIC"


PAIRS: dict[tuple[str, str], Way] = {
    **{(base, target): _whole_to_decimal for base in _WHOLE for target in ("NUMERIC", "BIGNUMERIC")},
    **{(base, "FLOAT64"): _whole_to_float for base in _IN_DOUBLE},
    ("int8", "FLOAT64"): _rounds,
    ("numeric", "NUMERIC"): _decimal,
    ("numeric", "BIGNUMERIC"): _decimal,
    ("numeric", "INT64"): _decimal_to_whole,
    ("numeric", "FLOAT64"): _rounds,
    ("uuid", "BYTES"): _to_bytes,
    **{(base, "JSON"): _json for base in ("json", "jsonb", *_TEXTS)},
    **{(base, "TIMESTAMP"): _to_moment for base in ("timestamp", "date")},
    **{(base, "DATETIME"): _to_wall for base in ("timestamptz", "date")},
}
"""By the source's base type and the chosen one without its digits; any type may be STRING, too."""
ELEMENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("int2", "int4", "int8"), ("INT64",)),
    **dict.fromkeys(("float4", "float8"), ("FLOAT64",)),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "uuid"), ("STRING",)),
    "numeric": ("NUMERIC", "BIGNUMERIC"),
    "bool": ("BOOL",),
    "date": ("DATE",),
    "timestamp": ("DATETIME",),
    "timestamptz": ("TIMESTAMP",),
}
"""By the base type of an array's elements, what they may be in a REPEATED column; those of an enum may be STRING."""
ALLOWED: tuple[tuple[str, str], ...] = (
    *(pair for pair, way in PAIRS.items() if way is not _rounds),
    *((f"{base}[]", f"ARRAY<{element}>") for base, elements in ELEMENTS.items() for element in elements),
)
"""All pairs that are allowed, beside STRING."""
KEYS = frozenset({"STRING", "INT64", "NUMERIC", "BIGNUMERIC"})
"""Chosen types of which equal values of the source are equal there, and others aren't (R30)."""


def way(asked: Asked) -> Carriage | str:
    """How the column travels as the chosen type; or why it can't, with the remedy behind a semicolon."""
    if asked.chosen.target == asked.own.target:
        return asked.own
    if asked.chosen.target == "STRING":
        return TEXT
    pair = _array_of(asked) if asked.array else PAIRS.get((asked.base_type, asked.chosen.bare))
    if pair is None:
        return f"it can't be {asked.chosen.target}; {allowed(asked)}"
    return pair(asked)


def _elements(asked: Asked) -> tuple[str, ...]:
    return ("STRING",) if asked.enum else ELEMENTS.get(asked.base_type, ())


def _array_of(asked: Asked) -> Way | None:
    return _array if asked.chosen.element in _elements(asked) else None


def allowed(asked: Asked) -> str:
    """The remedy: what is allowed for this type."""
    others = [target for base, target in PAIRS if base == asked.base_type and PAIRS[base, target] is not _rounds]
    if asked.array:
        others = [f"ARRAY<{element}>" for element in _elements(asked)]
    return f"allowed is {', '.join(['STRING', *others])}, or nothing: it is {asked.own.target} by itself"
