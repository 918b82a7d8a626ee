"""The text of each row straight off the socket's buffer: half the work of PyMySQL's own loop (M27).

It reads PyMySQL's ``_rfile``; a PyMySQL without one goes by :class:`pymysql.cursors.SSCursor`, at twice the cost.
The protocol: MySQL's "Text Resultset" and "Packets"; a row of one column is one length-encoded text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

BATCH_ROWS = 50_000
BATCH_BYTES = 8 * 1024 * 1024
_WHOLE = 0xFFFFFF
_LOST = (2013, "Lost connection to MySQL server during query")


class TooLong(Exception):
    """A row is NULL: it is longer than the server's max_allowed_packet (M24)."""


def texts(connection: Any, statement: str) -> Iterator[list[bytes]]:
    """Run a statement of one text column; its rows in batches. Raises what PyMySQL raises, and ``TooLong``."""
    from pymysql.connections import MySQLResult
    from pymysql.constants import COMMAND

    connection._execute_command(COMMAND.COM_QUERY, statement)
    result = MySQLResult(connection)
    result.init_unbuffered_query()
    result.unbuffered_active, result.connection = False, None  # what comes is ours to read, and to end
    yield []  # the statement runs
    yield from _batches(connection)


def _batches(connection: Any) -> Iterator[list[bytes]]:
    read, batch, size = connection._rfile.read, [], 0
    while (text := _text(_packet(read))) is not None:
        batch.append(text)
        size += len(text)
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _packet(read: Any) -> bytes:
    """One packet, put together where it is longer than 16 MiB."""
    whole = b""
    while True:
        head = read(4)
        size = head[0] | head[1] << 8 | head[2] << 16 if len(head) == 4 else -1
        body: bytes = read(size) if size >= 0 else b""
        if len(body) != size:
            from pymysql.err import OperationalError

            raise OperationalError(*_LOST)
        if size < _WHOLE:
            return whole + body if whole else body
        whole += body


def _text(packet: bytes) -> bytes | None:
    """A row's text; None at the end."""
    first = packet[0]
    if first < 251:
        return packet[1:]
    if first == 252:
        return packet[3:]
    if first == 253:
        return packet[4:]
    if first == 254 and len(packet) >= 9:
        return packet[9:]
    if first == 254:
        return None
    if first == 251:
        raise TooLong
    from pymysql.err import raise_mysql_exception

    raise_mysql_exception(packet)
    raise AssertionError("the error packet raised nothing")
