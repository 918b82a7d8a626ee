"""A table of MySQL as the comparison wants it: whole, in one snapshot, values as BigQuery's client gives them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from floodmark.demo.databases import ask, connect
from floodmark.demo.pair import Pair

_COLUMNS = """
SELECT column_name, data_type
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %s
"""
_TIMES = ("date", "datetime", "timestamp")


def rows(dsn: str, pair: Pair) -> list[tuple[Any, ...]]:
    """All rows: cursor, whether deleted, whether held out, values. The session is in UTC."""
    with contextlib.closing(connect(dsn)) as connection:
        types = dict(ask(connection, _COLUMNS, pair.table))
        found = ask(connection, _select(pair, types))
    zoned = [types[name] == "timestamp" for name in pair.columns]
    return [(_utc(row[0]), bool(row[1]), bool(row[2]), *_values(row[3:], zoned)) for row in found]


def _values(values: tuple[Any, ...], zoned: list[bool]) -> list[Any]:
    return [_utc(value) if has_zone else value for value, has_zone in zip(values, zoned, strict=True)]


def _utc(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _select(pair: Pair, types: Mapping[str, str]) -> str:
    moment = f"COALESCE({', '.join(map(_name, pair.cursor))})" if pair.cursor else "NULL"
    deleted = f"{_name(pair.deleted)} IS NOT NULL" if pair.deleted else "FALSE"
    columns = ", ".join(map(_name, pair.columns))
    where = f" WHERE {pair.where}" if pair.where else ""
    return f"SELECT {moment}, {deleted}, {_bad(pair, types)}, {columns} FROM {_name(pair.table)}{where}"


def _bad(pair: Pair, types: Mapping[str, str]) -> str:
    """Whether a date is one of zeros, which no calendar has."""
    times = [name for name in pair.columns if pair.holds_out and types[name] in _TIMES]
    bad = [f"MONTH({_name(name)}) = 0 OR DAYOFMONTH({_name(name)}) = 0" for name in times]
    return f"COALESCE({' OR '.join(bad)}, FALSE)" if bad else "FALSE"


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
