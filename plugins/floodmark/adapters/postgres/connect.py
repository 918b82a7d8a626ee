"""Connecting to PostgreSQL: one set of libpq parameters for both drivers, and the settings that every read makes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import psycopg2
import psycopg2.extensions

from floodmark.adapters.connections.libpq import Libpq
from floodmark.adapters.postgres.errors import mapped, unconnected
from floodmark.adapters.postgres.quote import literal
from floodmark.errors import SourceRefused

_UNKNOWN_AT_START = ("unsupported startup parameter", "support command-line options")
"""What PgBouncer says, and RDS Proxy."""

STARTUP = {"quote_all_identifiers": "off"}
"""What the server must know before a driver is connected: ADBC then asks the catalog for its types, by their names.

Of the other settings that a role or a database may have none does harm before the first SET LOCAL (R34).
"""

SETTINGS = STARTUP | {
    "client_encoding": "UTF8",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "iso_8601",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmloption": "content",
    "standard_conforming_strings": "on",
    "row_security": "off",
    "synchronize_seqscans": "off",
    "idle_in_transaction_session_timeout": "0",
}
"""They decide what values look like as text, what is hidden (R2), the order of rows, and that nobody ends a read.

``lc_monetary`` is not among them: it says how many digits of money are cents, so only the server's own is right.
"""


def parameters(given: str | Mapping[str, Any]) -> Libpq:
    """libpq's parameters from a URI, a DSN or a mapping (None and empty values count as absent).

    Raises:
        SourceRefused: the text is neither; it is not repeated, as it may hold a password.
    """
    if isinstance(given, str):
        try:
            found = psycopg2.extensions.parse_dsn(given)
        except psycopg2.Error:
            raise SourceRefused(
                "the source's address is no URI and no DSN of PostgreSQL (not shown: it may hold a password); "
                "write postgresql://user@host:5432/database, special characters percent-encoded"
            ) from None
    else:
        found = {name: str(value) for name, value in given.items() if value is not None and value != ""}
    if "database" in found:
        found.setdefault("dbname", found.pop("database"))
    found.setdefault("fallback_application_name", "floodmark")
    found.setdefault("connect_timeout", "30")
    return Libpq.of(getattr(given, "connection", ""), found | {"client_encoding": "UTF8"})


def uri(given: Mapping[str, str]) -> str:
    """The same parameters as the URI that ADBC wants; all of them in its query, where any host or password fits."""
    return "postgresql://?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())


def _started(given: Mapping[str, str]) -> dict[str, str]:
    """The same parameters with our settings among the options, after the user's own, so that ours count."""
    own = given.get("options", os.environ.get("PGOPTIONS", ""))
    ours = " ".join(f"-c {name}={value}" for name, value in STARTUP.items())
    return {**given, "options": f"{own} {ours}".strip()}


def starting(
    given: Mapping[str, str], connect: Callable[[Mapping[str, str]], Any], errors: tuple[type[Exception], ...]
) -> Any:
    """Connect with our settings from the start (R34); without them where a pooler takes none.

    PgBouncer knows no options but those it tracks, and says so before it connects anywhere (its page "Usage",
    ``ignore_startup_parameters``). A service file's own options would be lost, so there they are left alone.
    """
    if "service" in given:
        return connect(given)
    try:
        return connect(_started(given))
    except errors as error:
        if not any(words in str(error) for words in _UNKNOWN_AT_START):
            raise
        return connect(given)


def address(given: Mapping[str, str]) -> str:
    """Where that leads, for messages: no user, no password."""
    host = given.get("host") or given.get("hostaddr") or "the local socket"
    return f"{host}:{given.get('port', '5432')}/{given.get('dbname', given.get('user', ''))}"


def transaction_settings(
    application: str, version: int, lock_timeout: timedelta, statement_timeout: timedelta | None
) -> list[str]:
    """The SET LOCAL statements that begin a read's transaction, its name first (R2, R4)."""
    values = {"application_name": application} | SETTINGS
    values["lock_timeout"] = str(milliseconds(lock_timeout))
    values["statement_timeout"] = str(milliseconds(statement_timeout)) if statement_timeout else "0"
    if version >= 170000:
        values["transaction_timeout"] = "0"
    return [f"SET LOCAL {name} = {literal(value)}" for name, value in values.items()]


def milliseconds(duration: timedelta) -> int:
    """As the server's settings count; at least one, since none means no limit."""
    return max(1, duration // timedelta(milliseconds=1))


@contextmanager
def connected(given: Mapping[str, str]) -> Iterator[Any]:
    """A psycopg2 connection in autocommit, closed at the end. Raises ``SourceUnavailable``."""
    with closing(connection_to(given)) as connection:
        yield connection


def connection_to(given: Mapping[str, str]) -> Any:
    """A psycopg2 connection in autocommit, for the caller to close. Raises ``SourceUnavailable``."""
    where = address(given)
    try:
        connection = starting(
            given, lambda one: psycopg2.connect(psycopg2.extensions.make_dsn(**one)), (psycopg2.Error,)
        )
    except psycopg2.Error as error:
        raise unconnected(error, where, given) from error
    connection.autocommit = True
    return connection


def rows(connection: Any, statement: str, doing: str) -> list[tuple[Any, ...]]:
    """The rows of one statement; none where it returns none. Raises as :func:`mapped` says."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    except psycopg2.Error as error:
        raise mapped(error, doing) from error
