"""How a value is written in a row of JSON, and read again as what PostgreSQL's binary COPY gives Arrow.

By the column's carriage: numbers and truth as they are; moments as microseconds since 1970 and days likewise, exact
whatever the session's settings; bytes and floating-point numbers in hex; all else is text already.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from floodmark.adapters.arrow.columns import arrow_type
from floodmark.adapters.postgres.quote import literal

_TEXT = "CASE WHEN pg_catalog.num_nulls({0}) = 0 THEN pg_catalog.concat({0}) END"
_FINITE = "CASE WHEN pg_catalog.isfinite({0}) THEN pg_catalog.to_json({1}) ELSE pg_catalog.to_json({0}::text) END"
_TIME = "pg_catalog.trunc(EXTRACT(EPOCH FROM {0}) * 1000000)"
_MICROSECONDS = (
    "pg_catalog.trunc(EXTRACT(EPOCH FROM pg_catalog.date_trunc('minute', {0})) * 1000000 + "
    "EXTRACT(MICROSECONDS FROM {0}))"
)
"""In two, since ``extract`` rounds the microseconds of the year 294276 away."""
_FIRST_DAY = literal("1970-01-01")
NAIVE = "timestamp[us]"
"""A moment without a zone, which lands as one of UTC."""
_WRITTEN = {
    "bool": "{0}",
    "int16": "{0}",
    "int32": "{0}",
    "int64": "{0}",
    "float": "pg_catalog.encode(pg_catalog.float4send({0}), 'hex')",
    "double": "pg_catalog.encode(pg_catalog.float8send({0}), 'hex')",
    "binary": "pg_catalog.encode({0}, 'hex')",
    "date32[day]": _FINITE.format("{0}", f"{{0}} - {_FIRST_DAY}::date"),
    "time64[us]": _TIME,
    "timestamp[us, tz=UTC]": _FINITE.format("{0}", _MICROSECONDS),
    NAIVE: _FINITE.format("{0}", _MICROSECONDS),
}
_SECONDS_BETWEEN = 946_684_800
_DAYS_BETWEEN = 10_957
"""Between PostgreSQL's epoch, 2000, and Arrow's."""


def written(arrow: str, column: str) -> str:
    """A quoted ``column`` that lands as ``arrow``, as an item of ``json_build_array``."""
    return _WRITTEN.get(arrow, _TEXT).format(column)


def array(arrow: str, values: Sequence[Any]) -> Any:
    """The values of such items as ``pyarrow.Array``, raw: before they are cast to how they land."""
    read, raw = _READ.get(arrow, (None, pa.string()))
    return pa.array(values if read is None else [None if one is None else read(one) for one in values], raw)


def _wrapped(value: int, bits: int) -> int:
    """As ADBC moves one epoch to the other: in integers that wrap."""
    half = 1 << (bits - 1)
    return (value + half) % (1 << bits) - half


def _ends(bits: int, between: int) -> dict[str, int]:
    half = 1 << (bits - 1)
    return {"infinity": _wrapped(half - 1 + between, bits), "-infinity": _wrapped(-half + between, bits)}


_MOMENTS, _DAYS = _ends(64, _SECONDS_BETWEEN * 1_000_000), _ends(32, _DAYS_BETWEEN)


def _moment(value: Any) -> int:
    return _MOMENTS[value] if isinstance(value, str) else _wrapped(int(value), 64)


def _day(value: Any) -> int:
    return _DAYS[value] if isinstance(value, str) else _wrapped(int(value), 32)


def _float(form: str) -> Callable[[str], float]:
    return lambda value: float(struct.unpack(form, bytes.fromhex(value))[0])


_READ: dict[str, tuple[Callable[[Any], Any] | None, Any]] = {
    **{name: (None, arrow_type(name)) for name in ("bool", "int16", "int32", "int64")},
    "float": (_float(">f"), pa.float32()),
    "double": (_float(">d"), pa.float64()),
    "binary": (bytes.fromhex, pa.binary()),
    "date32[day]": (_day, pa.date32()),
    "time64[us]": (int, pa.time64("us")),
    "timestamp[us, tz=UTC]": (_moment, pa.timestamp("us", tz="UTC")),
    NAIVE: (_moment, pa.timestamp("us")),
}
