"""A table of MySQL as the comparison wants it: whole, in one snapshot, values as BigQuery's client gives them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from floodmark.demo.databases import ask, connect
from floodmark.demo.pair import Pair

_COLUMNS = """
SELECT column_name, data_type
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = %s
"""
_TIMES = ("date", "datetime", "timestamp")


def rows(dsn: str, pair: Pair, targets: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """All rows: cursor, whether deleted, whether held out, values. The session is in UTC.

    ``targets`` are the types of current's columns: MySQL has no truth, and its driver gives some numbers otherwise.
    """
    with contextlib.closing(connect(dsn)) as connection:
        types = dict(ask(connection, _COLUMNS, pair.table))
        found = ask(connection, _select(pair, types))
    ways = [_way(types[name], targets[name]) for name in pair.columns]
    return [(_utc(row[0]), bool(row[1]), bool(row[2]), *_values(row[3:], ways)) for row in found]


def _values(values: tuple[Any, ...], ways: Sequence[Callable[[Any], Any]]) -> list[Any]:
    return [None if value is None else way(value) for value, way in zip(values, ways, strict=True)]


def _way(source: str, target: str) -> Callable[[Any], Any]:
    """A value as the driver gives it -> what BigQuery's client gives for the same; any other stays as it is."""
    if source == "timestamp":
        return _utc
    if target in ("BOOL", "BOOLEAN"):
        return lambda value: {0: False, 1: True}.get(_number(value), value)
    if target in ("NUMERIC", "BIGNUMERIC"):
        return lambda value: Decimal(_number(value))
    return _number if source == "bit" else lambda value: value


def _number(value: Any) -> Any:
    """A bit field comes as bytes."""
    return int.from_bytes(value, "big") if isinstance(value, bytes) else value


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
