"""How a key's values travel, so that what PostgreSQL holds for one key is one key in BigQuery too (R30).

BigQuery compares texts byte by byte. Where equal values have several texts, a canonical one is selected; where none is
known, the column can't be a key. No two values that PostgreSQL tells apart share a text.
"""

from __future__ import annotations

from dataclasses import replace

from floodmark.adapters.postgres.matrix.ways import Expression
from floodmark.core.carriage import Carriage, Check
from floodmark.core.schema import Column

_ONE_TEXT = frozenset({
    "int2", "int4", "int8", "oid", "xid", "xid8", "cid", "tid", "pg_lsn", "money", "bool", "bytea", "uuid", "char",
    "date", "time", "timetz", "timestamp", "timestamptz", "bit", "varbit", "inet", "cidr", "macaddr", "macaddr8",
    "int4range", "int8range", "daterange", "tsrange", "tstzrange",
    "int4multirange", "int8multirange", "datemultirange", "tsmultirange", "tstzmultirange",
})  # fmt: skip
"""Equal values of these have one text, under the settings of a read."""
_COLLATED = frozenset({"text", "varchar", "bpchar", "name"})
"""Of these too, where the collation is deterministic; ``bpchar`` travels without the padding that doesn't count."""
_ELEMENTS = frozenset({
    "int2", "int4", "int8", "oid", "bool", "bytea", "uuid", "date", "time", "timestamp", "timestamptz",
    "text", "varchar", "name",
})  # fmt: skip
_WITHOUT_ZEROS = (
    f"CASE WHEN pg_catalog.strpos({Expression.NUMERIC}, '.') > 0 "
    f"THEN pg_catalog.rtrim(pg_catalog.rtrim({Expression.NUMERIC}, '0'), '.') ELSE {Expression.NUMERIC} END"
)
"""As ``trim_scale``, which PostgreSQL 12 doesn't have."""
_CASELESS = f'pg_catalog.lower(({Expression.TEXT}) COLLATE "default")'
"""As citext itself compares."""
_REMEDY = (
    "name another key; or add a generated column with one text for each value, and a unique index over it; or write "
    "sync: full"
)


def with_key(column: Column, *, deterministic: bool) -> Column:
    """The column with how it travels as a part of the key."""
    return replace(column, key=key_carriage(column, deterministic=deterministic))


def key_carriage(column: Column, *, deterministic: bool) -> Carriage:
    """How the column travels where it is part of a key; its ``refusal`` says why it can't be.

    ``deterministic``: its collation tells any two texts apart.
    """
    way = column.carriage
    if way.refusal:
        return way
    if column.base_type in _COLLATED and not deterministic:
        return _refused("its collation holds different texts for equal, and BigQuery doesn't")
    one_text = _array(column) if column.array else _scalar(column)
    unknown = f"equal values of type {column.type} may have several texts, and BigQuery compares texts"
    return one_text or _refused(unknown)


def _scalar(column: Column) -> Carriage | None:
    base, way = column.base_type, column.carriage
    if base in ("float4", "float8"):
        return replace(way, expression="({0} + '0')", check=Check.NAN)  # -0 + 0 is 0
    if base == "numeric" and column.modifier < 0:
        return replace(way, expression=_WITHOUT_ZEROS)
    if base.endswith(".citext"):
        return replace(way, expression=_CASELESS)
    known = base in _ONE_TEXT or base in _COLLATED or base == "numeric" or column.kind == "e"
    return way if known else None


def _array(column: Column) -> Carriage | None:
    """As PostgreSQL's own text, which has the lower bounds that JSON loses."""
    fixed = column.base_type == "numeric" and column.modifier >= 0
    known = column.base_type in _ELEMENTS or fixed or column.kind == "e"
    return replace(column.carriage, expression=Expression.TEXT) if known else None


def _refused(reason: str) -> Carriage:
    return Carriage(refusal=f"{reason} (R30); {_REMEDY}")
