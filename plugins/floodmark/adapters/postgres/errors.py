"""PostgreSQL's errors as Floodmark's: by SQLSTATE where there is one, by who raised it where there is none."""

from __future__ import annotations

import re
from typing import Any

from floodmark.errors import FloodmarkError, SourceChanged, SourceRefused, SourceUnavailable

_LATER = ("08", "40", "53", "55", "57", "58", "25P03", "25P04", "F0")
"""Connection, rollback, resources, object in use, operator intervention, system: another try may succeed."""
_CHANGED = ("42703", "42P01", "42704", "42883", "3F000")
_HINTS = {
    "57014": "it was cancelled, by a person or by a timeout: a larger timeout may help",
    "55P03": "the lock was not given in time: a session holds or awaits a stronger one, as ALTER TABLE does",
    "40001": "on a standby, hot_standby_feedback = on there stops conflicts with the replay",
    "40P01": "it was the victim of a deadlock",
    "25P03": "the server ends idle transactions: idle_in_transaction_session_timeout must allow the read",
    "25P04": "the server ends long transactions: transaction_timeout must allow the read",
    "42501": "grant SELECT to the role; under row-level security it needs BYPASSRLS, since a filtered read loses rows",
}
_STREAM = {
    "canceling statement due to conflict with recovery": "40001",
    "terminating connection due to conflict with recovery": "40001",
    "canceling statement due to statement timeout": "57014",
    "canceling statement due to user request": "57014",
    "canceling statement due to lock timeout": "55P03",
}


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE that psycopg2 or ADBC gives; from the text where ADBC's stream gives none; empty if unknown."""
    given: Any = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None)
    if given:
        return str(given)
    text = str(error)
    return next((state for message, state in _STREAM.items() if message in text), "")


def mapped(error: BaseException, doing: str) -> FloodmarkError:
    """The error to raise instead: retriable where another try may succeed, fatal where it gives the same."""
    state = sqlstate(error)
    text = _text(error)
    hint = f"; {_HINTS[state]}" if state in _HINTS else ""
    message = f"{doing}: {text}{f' ({state})' if state else ''}{hint}"
    if not state or state.startswith(_LATER):
        return SourceUnavailable(message)
    if state in _CHANGED:
        return SourceChanged(message + "; it changed, or the configuration names what isn't there")
    return SourceRefused(message)


def _text(error: BaseException) -> str:
    """One line, without the query that ADBC repeats."""
    text = str(error).split("\nQuery was:")[0].split("\nQuery:")[0]
    return re.sub(r"\s+", " ", text).strip() or type(error).__name__
