"""Connecting to MySQL and MariaDB by PyMySQL, and the settings that every session makes (M15, M31)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from floodmark.adapters.connections.mysql import MySQL, TlsMode
from floodmark.adapters.mysql.errors import mapped, unconnected
from floodmark.adapters.mysql.quote import grantee
from floodmark.errors import ConfigurationError, Problem, SourceRefused

SETTINGS = {
    "time_zone": "'+00:00'",
    "sql_mode": "'NO_BACKSLASH_ESCAPES'",
    "sql_select_limit": "18446744073709551615",
    "sql_big_selects": "1",
    "net_write_timeout": "3600",
    "net_read_timeout": "3600",
    "wait_timeout": "28800",
    "lock_wait_timeout": "60",
    "group_concat_max_len": "16777216",
    "div_precision_increment": "4",
}
"""They decide what values look like as text, that no SELECT is cut or sees another time, that nobody ends a read which
pauses for a slow upload, and that no question waits for a day behind a table's lock (R2, M15). DEFAULT would mean what
the server is set to: *measured*, with ``SET GLOBAL sql_select_limit = 1`` each table had one row."""
_OF_MARIADB = {
    "idle_transaction_timeout": "0",
    "idle_readonly_transaction_timeout": "0",
    "max_statement_time": "0",
    "system_versioning_asof": "DEFAULT",
}
_OF_MYSQL = {"max_execution_time": "0"}


@contextmanager
def connected(given: MySQL, *, timeout: timedelta | None = None) -> Iterator[Any]:
    """A session in autocommit with all settings made, closed at the end. ``timeout`` is that of its statements.

    Raises ``SourceUnavailable``, ``ConfigurationError``.
    """
    connection = connect(given, timeout=timeout)
    try:
        yield connection
    finally:
        close(connection)


def connect(given: MySQL, *, timeout: timedelta | None = None) -> Any:
    """The same session, for who closes it by :func:`close`."""
    pymysql = _driver()
    encrypted = given.tls.mode is not TlsMode.DISABLED and not given.unix_socket
    try:
        connection = pymysql.connect(
            host=given.host, port=given.port, user=given.user, password=given.password,
            database=given.database or None, unix_socket=given.unix_socket or None, charset="utf8mb4",
            connect_timeout=given.connect_timeout, autocommit=True, local_infile=False,
            ssl=_context(given) if encrypted else None, ssl_disabled=not encrypted, program_name="floodmark",
        )  # fmt: skip
    except (pymysql.err.Error, OSError, RuntimeError) as error:
        raise unconnected(error, given) from error
    try:
        _refuse_plain_text(connection, given)
        settle(connection, timeout)
    except BaseException:
        close(connection)
        raise
    return connection


def settle(connection: Any, timeout: timedelta | None = None) -> None:
    """Make the settings of a session."""
    own = _OF_MARIADB if is_mariadb(connection) else _OF_MYSQL
    rows(connection, "SET NAMES utf8mb4", "setting up the session")
    _set(connection, SETTINGS)
    for variable, value in own.items():
        with suppress(SourceRefused):  # an older server doesn't have it, and then does nothing of its kind
            _set(connection, {variable: value})
    if timeout is not None:
        limit_statements(connection, timeout)


def limit_statements(connection: Any, timeout: timedelta) -> None:
    """Let no SELECT of the session run longer."""
    seconds = timeout.total_seconds()
    mariadb = is_mariadb(connection)
    limit = {"max_statement_time": f"{seconds:f}"} if mariadb else {"max_execution_time": str(int(seconds * 1000))}
    _set(connection, limit)


def _set(connection: Any, variables: Mapping[str, str]) -> None:
    assignments = ", ".join(f"SESSION {variable} = {value}" for variable, value in variables.items())
    rows(connection, f"SET {assignments}", "setting up the session")


def is_mariadb(connection: Any) -> bool:
    """Whether the server is MariaDB: its greeting says so."""
    return "mariadb" in str(connection.get_server_info()).lower()


def version(connection: Any) -> tuple[int, int, int]:
    """The server's version: ``(10, 11, 19)``, ``(8, 0, 36)``."""
    text = str(connection.get_server_info()).removeprefix("5.5.5-")  # what MariaDB says to old clients
    numbers = [int("".join(digit for digit in part if digit.isdigit()) or 0) for part in text.split("-")[0].split(".")]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def rows(connection: Any, statement: str, doing: str) -> list[tuple[Any, ...]]:
    """The rows of one statement; none where it returns none. Raises as :func:`mapped` says."""
    pymysql = _driver()
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)  # without arguments a % is nothing but itself
            return list(cursor.fetchall())
    except (pymysql.err.Error, OSError) as error:
        raise mapped(error, doing) from error


def account(connection: Any) -> str:
    """Who the session is to the server, as GRANT takes it."""
    [(told,)] = rows(connection, "SELECT CURRENT_USER()", "asking who we are")
    return grantee(str(told))


def close(connection: Any) -> None:
    """End a session, whatever state it is in; nothing is waited for."""
    with suppress(Exception):
        connection._force_close()


def _driver() -> Any:
    """PyMySQL, whose absence is said in one line."""
    try:
        import pymysql
    except ImportError:
        problem = Problem(
            file="connection", path="", message="is to MySQL, and the package pymysql is not installed",
            remedy="pip install 'floodmark[mysql]'",
        )  # fmt: skip
        raise ConfigurationError([problem]) from None
    return pymysql


def _context(given: MySQL) -> ssl.SSLContext:
    """Always a context of our own: PyMySQL's words for TLS verify nothing where one expects it, and differ (M31)."""
    tls = given.tls
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = tls.mode is TlsMode.VERIFY_IDENTITY
        verified = tls.mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_IDENTITY)
        context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
        if tls.ca or tls.capath:
            context.load_verify_locations(cafile=tls.ca or None, capath=tls.capath or None)
        elif verified:
            context.load_default_certs()
        if tls.cert:
            context.load_cert_chain(tls.cert, keyfile=tls.key or None, password=tls.key_password or None)
        if tls.cipher:
            context.set_ciphers(tls.cipher)
    except (OSError, ssl.SSLError) as error:
        file = f"connection {given.connection}".rstrip()
        message = f"has TLS files that can't be used: {error.strerror or error}"
        problem = Problem(file=file, path="", message=message, remedy="mend ssl_ca, ssl_cert and ssl_key")
        raise ConfigurationError([problem]) from None
    return context


def _refuse_plain_text(connection: Any, given: MySQL) -> None:
    """PyMySQL goes on in plain text where a server offers no TLS; whoever asked for it must be told (M31)."""
    if not given.tls.required:
        return
    found = rows(connection, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", "asking whether the connection is encrypted")
    if not found or not found[0][1]:
        problem = Problem(
            file=f"connection {given.connection}".rstrip(), path="",
            message=f"asks for TLS, and {given.address} gives none",
            remedy="turn TLS on in the server, or write ssl_mode: DISABLED in the extras",
        )  # fmt: skip
        raise ConfigurationError([problem])
