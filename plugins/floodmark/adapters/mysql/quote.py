"""Identifiers and literals of MySQL, quoted. They need sessions with ``NO_BACKSLASH_ESCAPES`` (M15)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from floodmark.core.time.interval import utc


def name(identifier: str) -> str:
    """A quoted identifier. Raises ``ValueError`` for an empty one, or one with a NUL."""
    if not identifier or "\0" in identifier:
        raise ValueError(f"{identifier!r} can't be a name in MySQL")
    return "`" + identifier.replace("`", "``") + "`"


def literal(value: Any) -> str:  # noqa: PLR0911
    """A literal: text, integer, boolean, a moment in UTC, a naive timestamp or a day.

    A moment is written as the wall time of UTC, which is the session's zone. In the mode NO_BACKSLASH_ESCAPES a text
    needs nothing but its quotes doubled; with a NUL it is written in hex.
    """
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case datetime():
            wall = value if value.tzinfo is None else utc(value).replace(tzinfo=None)
            return f"TIMESTAMP'{wall.isoformat(sep=' ', timespec='microseconds')}'"
        case date():
            return f"DATE'{value.isoformat()}'"
        case bytes():
            return f"x'{value.hex()}'"
        case str() if "\0" in value:
            return f"_utf8mb4 x'{value.encode().hex()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
    raise ValueError(f"{value!r} can't be written as a literal of MySQL")


def grantee(account: str) -> str:
    """``user@host``, as ``CURRENT_USER()`` says it, as GRANT takes it."""
    user, _, host = account.rpartition("@")
    return f"{literal(user)}@{literal(host)}"
