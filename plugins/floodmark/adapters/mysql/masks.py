"""Masks as MySQL makes them, in the SELECT itself, of a column's own text (R38). Nothing but built-in functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from floodmark.adapters.mysql.matrix.ways import Expression
from floodmark.core.carriage import TEXT, Carriage
from floodmark.core.config.masks import Mask, MaskKind

_BLOCK = 64
"""Bytes of a block of SHA-256, to which a key is padded: RFC 2104."""


def masked(way: Carriage, mask: Mask, variables: Mapping[str, str]) -> Carriage:
    """How a column travels that would go that ``way`` without its mask. ``variables`` are :func:`variables_of` all."""
    text = _text(way)
    match mask.kind:
        case MaskKind.SHA256:
            expression = f"SHA2({text}, 256)"
        case MaskKind.HMAC:
            pad = variables[mask.connection]
            expression = (
                f"SHA2(CONCAT({pad}_outer, UNHEX(SHA2(CONCAT({pad}_inner, CAST({text} AS BINARY)), 256))), 256)"
            )
        case MaskKind.REDACT:
            expression = f"IF({text} IS NULL, NULL, 'redacted')"
        case MaskKind.TRUNCATE:
            expression = f"LEFT({text}, {mask.first})"
        case _:
            expression = "NULL"
    return replace(TEXT, expression=expression, refusal=way.refusal)


def _text(way: Carriage) -> str:
    """What the column would travel as, in text of utf8mb4."""
    if way.expression == Expression.TEXT:
        return str(Expression.TEXT)
    return f"CONVERT({way.expression.replace('{}', '{0}')} USING utf8mb4)"


def variables_of(masks: Mapping[str, Mask]) -> dict[str, str]:
    """The session's variable for each connection that holds a key: what the SELECT says instead of the key."""
    connections = sorted({mask.connection for mask in masks.values() if mask.kind is MaskKind.HMAC})
    return {connection: f"@floodmark_hmac_{number}" for number, connection in enumerate(connections, start=1)}


def pads(key: bytes) -> tuple[bytes, bytes]:
    """A key's inner and outer pad."""
    if len(key) > _BLOCK:
        from hashlib import sha256

        key = sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
