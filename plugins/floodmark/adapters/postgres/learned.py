"""What ADBC has to know of a server before it connects: its types. Once a process, not for each read.

Since 1.13 it knows PostgreSQL's own types by itself; before, it asks for all types and every column of every table,
which in a database of a thousand costs up to 0.4 seconds of CPU.
What is selected is of PostgreSQL's own types only, since all others travel as text (``matrix/ways.py``): so no type is
missed that is the database's own, or is made or changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Lock
from time import monotonic
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql  # type: ignore[import-untyped]

from floodmark.adapters import adbc_library
from floodmark.errors import ConfigurationError, Problem

_MANAGER = "[Driver Manager]"
"""Begins what ADBC says of a library that it can't load; what a driver says of a server begins otherwise."""
_OWN_TYPES = {"adbc.postgresql.type_resolver_mode": "builtin"}


class Server:
    """A server by its URI, learned by the first who connects; from any thread.

    One connection is made or closed at a time: an object of ADBC's may not be used by two threads at once (its page
    "Concurrency and Thread Safety"). So who waited while another's was refused, or not answered, is told the same at
    once: eight who each tried a server that doesn't answer would hold their tables for eight times as long.
    """

    def __init__(self, uri: str) -> None:
        self._uri, self._lock = uri, Lock()
        self._learned: Any = None
        self._failed: tuple[float, adbc_driver_manager.Error] | None = None
        self.users = 0

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """A connection of ADBC's, closed at the end. Raises what ADBC raises."""
        asked = monotonic()
        with self._lock:
            connection = self._connection(asked)
        try:
            yield connection
        finally:
            with self._lock:
                connection.close()

    def _connection(self, asked: float) -> Any:
        if self._failed is not None and asked <= self._failed[0]:
            raise _again(self._failed[1])
        try:
            if self._learned is None:
                self._learned = _learned(self._uri)
            return adbc_driver_manager.AdbcConnection(self._learned)
        except adbc_driver_manager.Error as error:
            self._failed = (monotonic(), _again(error))
            raise

    def forget(self) -> None:
        """Give its memory back. A connection that could not be closed keeps it."""
        with suppress(RuntimeError, adbc_driver_manager.Error):
            if self._learned is not None:
                self._learned.close()


def _learned(uri: str) -> Any:
    """A database of ADBC's, with PostgreSQL's own types, or as ADBC before 1.13 makes it. Raises what ADBC raises."""
    try:
        return _database(uri, _OWN_TYPES)
    except adbc_driver_manager.NotSupportedError:  # it knows no such option, and says so before it connects
        return _database(uri, {})


def _database(uri: str, options: Mapping[str, str]) -> Any:
    """By the driver that pip installed, or by the user's own. Raises ``ConfigurationError`` where that one is none."""
    library = adbc_library.own()
    if not library:
        return adbc_driver_postgresql.connect(uri, dict(options))
    try:
        return adbc_driver_manager.AdbcDatabase(driver=library, uri=uri, **options)
    except adbc_driver_manager.Error as error:
        if _MANAGER not in str(error):
            raise
        raise ConfigurationError([_no_driver(library)]) from error


def _no_driver(library: str) -> Problem:
    return Problem(
        file=adbc_library.OWN,
        path="",
        message=f"{library!r} can't be loaded as ADBC's driver of PostgreSQL",
        remedy=f"name {adbc_library.NAME} by its whole path on this machine; or unset it: the driver that pip "
        "installed is used then",
    )


def _again(error: adbc_driver_manager.Error) -> adbc_driver_manager.Error:
    """The same error, without the traceback of one thread."""
    told = {name: getattr(error, name) for name in ("status_code", "vendor_code", "sqlstate", "details")}
    return type(error)(*error.args, **told)


_LOCK = Lock()
_SERVERS: dict[str, Server] = {}


@contextmanager
def used(uri: str) -> Iterator[Server]:
    """The server behind a URI, kept for the next one who asks for it; forgotten when another is asked for."""
    with _LOCK:
        for other in [one for one, server in _SERVERS.items() if one != uri and not server.users]:
            _SERVERS.pop(other).forget()
        server = _SERVERS.setdefault(uri, Server(uri))
        server.users += 1
    try:
        yield server
    finally:
        with _LOCK:
            server.users -= 1


__all__ = ["Server", "used"]
