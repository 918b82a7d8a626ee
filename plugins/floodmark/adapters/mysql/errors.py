"""MySQL's errors as Floodmark's, by their numbers (M29).

Numbers below 2000: the server's ("Server Error Message Reference"); from 2000 on: the client's; MariaDB's own are from
1900 on.
"""

from __future__ import annotations

import re

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.connections.unreached import hinted
from floodmark.errors import (
    ConfigurationError,
    FloodmarkError,
    Problem,
    SourceChanged,
    SourceRefused,
    SourceUnavailable,
)

CHANGED = frozenset({1054, 1146, 1412, 1051, 1347, 1049, 1356, 1735})
"""Unknown column or table, a definition that changed under the snapshot."""
LATER = frozenset({
    1040, 1041, 1042, 1043, 1047, 1053, 1077, 1078, 1079, 1080, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1203, 1205,
    1213, 1226, 1290, 1317, 1613, 1614, 1836, 1927, 1969, 2000, 2001, 2002, 2003, 2005, 2006, 2013, 2014, 2055, 3024,
    3058, 3572, 3100, 3101, 1021, 1037, 1038, 1114, 1135, 1028, 1030,
})  # fmt: skip
"""Connection, resources, locks, cancelled, timeouts: another try may succeed."""
_FULL = frozenset({1040, 1203, 1226})
"""The server was reached, and lets no more sessions in."""
_LOGIN = frozenset(
    {1044, 1045, 1049, 1130, 1131, 1132, 1251, 1275, 1524, 1698, 1862, 2026, 2049, 2054, 2059, 2061, 3118, 4151}
)
"""How a server says no to a connection for good."""
_HINTS = {
    1045: "mend its login and password",
    1049: "mend its schema, which is the database's name",
    1040: "another try may be let in; else raise max_connections, or run fewer tables at once",
    1044: "grant the role SELECT on the database",
    1130: "let the role in from this host",
    1142: "GRANT SELECT on the table to the role",
    1143: "GRANT SELECT on the column to the role",
    1203: "another try may be let in; else raise max_user_connections: a table takes three at once",
    1205: "the lock was not given in time: a session holds or awaits a stronger one, as ALTER TABLE does",
    1226: "another try may be let in; else raise what it names: a table takes three connections at once",
    1213: "it was the victim of a deadlock",
    1227: "the role lacks a privilege of the whole server, which it names",
    1271: "two texts of different collations meet in the SELECT or the where",
    1317: "it was cancelled by a person",
    1412: "the table's definition changed between the snapshot and the SELECT",
    1969: "max_statement_time ended it: a larger statement_timeout may help",
    3024: "max_execution_time ended it: a larger statement_timeout may help",
    2013: "the connection was lost while it was read",
    3118: "ALTER USER ... ACCOUNT UNLOCK",
    4151: "ALTER USER ... ACCOUNT UNLOCK",
    2026: "TLS failed: mend the ssl extras of the connection, or the server's certificate",
}
_WITHOUT_VALUES = LATER | CHANGED | frozenset({1044, 1045, 1142, 1143, 1227})
"""Numbers whose words speak of no row."""


def number_of(error: BaseException) -> int:
    """The error's number; 0 if it has none."""
    first = error.args[0] if error.args else 0
    return first if isinstance(first, int) else 0


def mapped(error: BaseException, doing: str, *, hidden: bool = False) -> FloodmarkError:
    """The error to raise instead: retriable where another try may succeed, fatal where it gives the same.

    ``hidden``: the table has values that must not be told, and the server's words may hold one: raise it ``from None``.
    """
    number = number_of(error)
    hint = _HINTS.get(number, "")
    words = "its own words are not shown, as they may hold the value of an excluded or masked column"
    said = f"the server ended the statement ({words})" if hidden and number not in _WITHOUT_VALUES else _text(error)
    message = f"{doing}: {said}{f' ({number})' if number else ''}{f'; {hint}' if hint else ''}"
    if number in LATER or not number:
        return SourceUnavailable(message)
    if number in CHANGED:
        return SourceChanged(message + "; it changed, or the configuration names what isn't there")
    return SourceRefused(message)


def unconnected(error: BaseException, given: MySQL) -> FloodmarkError:
    """The error of a connection that isn't made: refused for good, or such that another try may be let in."""
    if refused := refused_login(error, given):
        return refused
    if number_of(error) in _FULL:
        return mapped(error, f"connecting to {given.address}")
    by = "unix_socket" if given.unix_socket else "host and port"
    return hinted(mapped(error, f"connecting to {given.address}"), given.connection, by=by)


def refused_login(error: BaseException, given: MySQL) -> ConfigurationError | None:
    """A connection that is refused for good, by its id; None where another try may be let in."""
    number = number_of(error)
    if "certificate verify failed" in str(error):
        number = 2026  # the driver calls it 2003, as it does a server that nobody can reach
    if number not in _LOGIN:
        return None
    message = f"{given.address}: {_text(error)} ({number})"
    remedy = _HINTS.get(number, "mend its host, port, login and extras")
    file = f"connection {given.connection}".rstrip()
    return ConfigurationError([Problem(file=file, path="", message=message, remedy=remedy)])


def _text(error: BaseException) -> str:
    """The server's words in one line."""
    words = str(error.args[1]) if len(error.args) > 1 else str(error)
    return re.sub(r"\s+", " ", words).strip() or type(error).__name__
