"""Identifiers and literals of PostgreSQL, quoted. COPY takes no bound values, so a text has to hold them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from floodmark.core.time.interval import utc


def name(identifier: str) -> str:
    """A quoted identifier. Raises ``ValueError`` for an empty one, or one with a NUL."""
    if not identifier or "\0" in identifier:
        raise ValueError(f"{identifier!r} can't be a name in PostgreSQL")
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Any) -> str:
    """A literal: text, integer, boolean, a moment in UTC, a naive timestamp or a day.

    Text with a backslash is written as ``E''``, and so means the same whatever ``standard_conforming_strings`` says.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case datetime() if value.tzinfo is None:
            return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case datetime():
            return f"TIMESTAMPTZ '{utc(value).isoformat(sep=' ')}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case str() if "\0" not in value:
            quoted = value.replace("'", "''")
            return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in value else f"'{quoted}'"
    raise ValueError(f"{value!r} can't be written as a literal of PostgreSQL")
