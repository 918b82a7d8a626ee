"""PostgreSQL's errors as Floodmark's: by SQLSTATE where there is one, by what the server says where there is none.

SQLSTATEs: PostgreSQL's documentation, "PostgreSQL Error Codes". None comes with a refused connection (libpq keeps it to
itself), and none with an error in mid-stream (ADBC doesn't pass it on).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from floodmark.adapters.connections.unreached import hinted
from floodmark.errors import (
    ConfigurationError,
    FloodmarkError,
    Problem,
    SourceChanged,
    SourceRefused,
    SourceUnavailable,
)

_LATER = ("08", "40", "53", "55", "57", "58", "72", "25P03", "25P04", "F0")
"""Connection, rollback, resources, object in use, operator intervention, system: another try may succeed."""
_CHANGED = ("42703", "42P01", "42704", "42883", "3F000")
_DATA = "a row can't be read as it is written: mend the row, the view, the where or the SELECT that trips over it"
_HINTS = {
    "57014": "it was cancelled, by a person or by a timeout: a larger timeout may help",
    "55P03": "the lock was not given in time: a session holds or awaits a stronger one, as ALTER TABLE does",
    "40001": "on a standby, hot_standby_feedback = on there stops conflicts with the replay",
    "40P01": "it was the victim of a deadlock",
    "25P03": "the server ends idle transactions: idle_in_transaction_session_timeout must allow the read",
    "25P04": "the server ends long transactions: transaction_timeout must allow the read",
    "42501": "grant SELECT to the role; under row-level security it needs BYPASSRLS, since a filtered read loses rows",
    "22021": "a text is not in the database's encoding (as SQL_ASCII lets it be): mend it, or exclude its column",
    "22P05": "a character has no counterpart in UTF-8: mend the text, or exclude its column",
    "22023": "a setting or a time zone that this server does not know",
    "22": _DATA,
    "23": _DATA,
}
_STREAM = (
    (r"canceling statement due to conflict with recovery", "40001"),
    (r"terminating connection due to conflict with recovery", "40001"),
    (r"could not serialize access", "40001"),
    (r"deadlock detected", "40P01"),
    (r"canceling statement due to lock timeout", "55P03"),
    (r"canceling statement due to", "57014"),
    (r"out of (shared )?memory|temporary file size exceeds|sorry, too many clients", "53000"),
    (r"could not (read|write|open|close|extend|access|resize|fsync|create|stat|seek|fork|map)", "58030"),
    (r"could not (connect|receive|send)|server closed the connection", "08006"),
    (r"snapshot too old", "72000"),
    (r"invalid byte sequence for encoding", "22021"),
    (r"character with byte sequence .* has no equivalent in encoding", "22P05"),
    (r".*division by zero", "22012"),
    (r".*(out of range|field overflow)", "22003"),
    (r"invalid input syntax for type (date|time)", "22007"),
    (r"invalid input syntax for", "22P02"),
    (r"permission denied", "42501"),
)
"""What the server says in mid-stream, in English."""
_LOGIN = (
    (
        r"authentication failed|no password supplied|no pg_hba\.conf entry|role \".*\" does not exist"
        r"|not permitted to log in|no such user",
        "28000",
        "mend its login and password, or let the role in",
    ),
    (r"database \".*\" does not exist|no such database", "3D000", "mend its schema, which is the database's name"),
    (r"permission denied for database", "42501", "GRANT CONNECT ON DATABASE to the role"),
    (
        r"invalid .*(sslmode|connection option|port)|connection option \".*\"|server does not support SSL"
        r"|certificate verify failed|root certificate file|does not match host name|could not load .*certificate",
        "",
        "mend its host, port and extras",
    ),
)
"""How a server, a pooler or libpq says no to a connection for good; the rest (a name that can't be resolved, nobody who
listens, a server that starts) may be otherwise in a minute."""


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE that psycopg2 or ADBC gives; from the text where ADBC's stream gives none; empty if unknown."""
    given: Any = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None)
    if given:
        return str(given)
    text, severity, message = str(error).partition("ERROR: ")
    if severity:  # the server's own words begin here; what a row holds may stand further on
        return next((state for words, state in _STREAM if re.match(words, message.strip())), "")
    return next((state for words, state in _STREAM if re.search(words, text)), "")


def told_by_server(error: BaseException) -> bool:
    """Whether the server itself ended a statement, rather than the connection: its severity stands in the text."""
    return bool(re.search(r"\bERROR: ", str(error)))


def is_english(language: str) -> bool:
    """Whether a server of this ``lc_messages`` says what it says in the words that are known here."""
    return bool(re.fullmatch(r"(C|POSIX|en|English)([._-].*)?", language))


def mapped(error: BaseException, doing: str, *, final: bool = False, hidden: bool = False) -> FloodmarkError:
    """The error to raise instead: retriable where another try may succeed, fatal where it gives the same.

    ``final``: without a SQLSTATE too it is the server's verdict on the statement, not a lost connection. ``hidden``:
    the table has values that must not be told, and the server's words may hold one: raise it ``from None``.
    """
    state = sqlstate(error)
    if state.startswith(("28", "3D")):
        return ConfigurationError([Problem(file="connection", path="", message=f"{doing}: {_text(error)} ({state})")])
    hint = _HINTS.get(state) or _HINTS.get(state[:2], "")
    text = untold(error, state) if hidden else _text(error)
    message = f"{doing}: {text}{f' ({state})' if state else ''}{f'; {hint}' if hint else ''}"
    if state.startswith(_LATER) or not (state or final):
        return SourceUnavailable(message)
    if state in _CHANGED:
        return SourceChanged(message + "; it changed, or the configuration names what isn't there")
    return SourceRefused(message)


def untold(error: BaseException, state: str) -> str:
    """What of an error can be told where the server's own words may hold a row's value: none of them, if it is of data.

    Words of a state that the driver gives, and that no value of a row comes into, are told, without what goes with them
    (DETAIL, CONTEXT, the query).
    """
    given = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None)
    if given and str(given).startswith(_WITHOUT_VALUES):
        return re.sub(r"\s+", " ", re.split(r"\n\s*(?:DETAIL|CONTEXT|HINT|QUERY|LINE \d+):", _told(error))[0]).strip()
    said = _CLASSES.get(state[:2], "the server ended the statement")
    why = "they may hold the value of an excluded or masked column"
    return f"{said} (its own words are not shown, as {why}; the server's log has them)"


_WITHOUT_VALUES = ("08", "40", "53", "55", "57")
"""Connection, conflict, resources, locks, cancelled: SQLSTATEs whose words speak of no row."""
_CLASSES = {
    "22": "the server found a value that it can't convert or compute",
    "23": "the server found a value that breaks a constraint",
}


def unconnected(error: BaseException, where: str, given: Mapping[str, str]) -> FloodmarkError:
    """The error of a connection that isn't made: refused for good, or such that another try may be let in."""
    if refused := refused_login(error, where, given):
        return refused
    return hinted(mapped(error, f"connecting to {where}"), getattr(given, "connection", ""))


def refused_login(error: BaseException, where: str, given: Mapping[str, str]) -> ConfigurationError | None:
    """A connection that is refused for good, by its id; None where another try may be let in."""
    text = _text(error)
    for words, state, remedy in _LOGIN:
        if re.search(words, text):
            name = getattr(given, "connection", "")
            message = f"{where}: {text}{f' ({state})' if state else ''}"
            file = f"connection {name}".rstrip()
            return ConfigurationError([Problem(file=file, path="", message=message, remedy=remedy)])
    return None


def _told(error: BaseException) -> str:
    """Without the query that ADBC repeats."""
    return str(error).split("\nQuery was:")[0].split("\nQuery:")[0]


def _text(error: BaseException) -> str:
    """The same in one line."""
    text = _told(error)
    return re.sub(r"\s+", " ", text).strip() or type(error).__name__
