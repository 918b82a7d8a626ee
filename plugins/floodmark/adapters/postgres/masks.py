"""Masks as PostgreSQL makes them, in the SELECT itself, of a column's own text (R38). Nothing but built-in functions.

A mask is text (R27: it lands as STRING), and NULL where the value is. ``sha256`` is in PostgreSQL since 11; an HMAC
(RFC 2104) is made of it here, so no extension is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from floodmark.adapters.postgres.matrix.ways import Expression
from floodmark.core.carriage import TEXT, Carriage
from floodmark.core.config.masks import Mask, MaskKind

_BLOCK = 64
"""Bytes of a block of SHA-256, to which a key is padded: RFC 2104."""
_REDACTED = "redacted"
_SHA256 = "pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to({text}, 'UTF8')), 'hex')"
_HMAC = (
    "pg_catalog.encode(pg_catalog.sha256({outer} || pg_catalog.sha256({inner} || "
    "pg_catalog.convert_to({text}, 'UTF8'))), 'hex')"
)


def masked(way: Carriage, mask: Mask, settings: Mapping[str, str]) -> Carriage:
    """How a column travels that would go that ``way`` without its mask. ``settings`` are :func:`settings_of` all."""
    text = _text(way)
    match mask.kind:
        case MaskKind.SHA256:
            expression = _SHA256.format(text=text)
        case MaskKind.HMAC:
            setting = settings[mask.connection]
            pads = {"inner": _pad("left", setting), "outer": _pad("right", setting)}
            expression = _HMAC.format(text=text, **pads)
        case MaskKind.REDACT:
            expression = f"CASE WHEN ({text}) IS NOT NULL THEN '{_REDACTED}' END"
        case MaskKind.TRUNCATE:
            expression = f"pg_catalog.left({text}, {mask.first})"
        case _:
            expression = "NULL::text"
    return replace(TEXT, expression=expression, refusal=way.refusal)


def _text(way: Carriage) -> str:
    """What the column would travel as, in text: by its type's output function, which ``concat`` calls (R27)."""
    selected = way.expression.replace("{}", "{0}")
    if way.arrow == "string" and selected != "{0}":
        return selected
    return Expression.TEXT.format(selected)


def _pad(half: str, setting: str) -> str:
    """One of a key's pads. As a subquery it is worked out once for a statement, not for each row."""
    return (
        f"(SELECT pg_catalog.decode(pg_catalog.{half}(pg_catalog.current_setting('{setting}'), {_BLOCK * 2}), 'hex'))"
    )


def settings_of(masks: Mapping[str, Mask]) -> dict[str, str]:
    """The session's setting for each connection that holds a key: what the SELECT says instead of the key."""
    connections = sorted({mask.connection for mask in masks.values() if mask.kind is MaskKind.HMAC})
    return {connection: f"floodmark.hmac_{number}" for number, connection in enumerate(connections, start=1)}


def pads(key: bytes) -> str:
    """A key's inner and outer pad, in hex: what such a setting holds."""
    if len(key) > _BLOCK:
        from hashlib import sha256

        key = sha256(key).digest()
    key = key.ljust(_BLOCK, b"\0")
    return (bytes(byte ^ 0x36 for byte in key) + bytes(byte ^ 0x5C for byte in key)).hex()
