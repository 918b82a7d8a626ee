"""What a ``where`` depends on beside its row: then rows leave it, or come into it, without being written (R37). Pure.

A row is found again when its cursor moves. What only the clock, chance, the session or another table decides, moves
none.
"""

from __future__ import annotations

import re

_TEXTS = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|"(?:""|[^"])*"|"""
    r"""(?P<escaped>[eE]'(?:\\.|''|[^'\\])*')|(?P<string>'(?:''|[^'])*')""",
    re.DOTALL,
)
"""Comments, quoted names and strings, whose words mean nothing."""
_MOMENTS = frozenset({"now", "today", "tomorrow", "yesterday"})
"""Strings that PostgreSQL takes for moments of the clock (its page "Date/Time Types", *Special Values*)."""
_FUNCTIONS = (
    "now", "age", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "random",
    "random_normal", "gen_random_uuid", "uuid_generate_v1", "uuid_generate_v4", "uuidv4", "uuidv7", "current_setting",
    "txid_current", "pg_current_xact_id", "nextval", "lastval",
)  # fmt: skip
_WORDS = (
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user",
    "current_role", "select", "table",
)  # fmt: skip
_DEPENDS = re.compile(rf"\b(?:(?:{'|'.join(_FUNCTIONS)})\s*(?=\()|(?:{'|'.join(_WORDS)})\b)", re.IGNORECASE)


def depends_on(where: str) -> tuple[str, ...]:
    """What of it no write to the row changes, in its order: functions of the clock, of chance, another table."""
    found: list[str] = []

    def blank(text: re.Match[str]) -> str:
        said = (text["string"] or "").strip("'").strip().lower()
        found.extend([f"'{said}'"] if said in _MOMENTS else [])
        return " "

    rest = _TEXTS.sub(blank, where)
    found.extend("another table" if word in ("select", "table") else word for word in _words(rest))
    return tuple(dict.fromkeys(found))


def _words(text: str) -> list[str]:
    return [word[0].strip().lower() for word in _DEPENDS.finditer(text)]
