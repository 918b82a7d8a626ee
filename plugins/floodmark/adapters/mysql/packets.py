"""The text of each row straight off the socket's buffer: half the work of PyMySQL's own loop (M27).

It reads PyMySQL's ``_rfile``; a PyMySQL without one goes by :class:`pymysql.cursors.SSCursor`, at twice the cost.
The protocol: MySQL's "Text Resultset" and "Packets"; a row of one column is one length-encoded text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

BATCH_ROWS = 50_000
BATCH_BYTES = 8 * 1024 * 1024
_CHUNK = 256 * 1024
_WHOLE = 0xFFFFFF
"""The length of a packet that another one goes on with; and what of four bytes is a length."""
_HEAD = 4
_LENGTH = struct.Struct("<I").unpack_from
_NULL, _LONG_TEXT, _SHORTEST_LONG = 251, 254, 9
_BEGINS = [_HEAD + {252: 3, 253: 4, 254: 9}.get(first, 1) for first in range(256)]
"""Where a row's text begins after the start of its packet, by its first byte."""
_LOST = (2013, "Lost connection to MySQL server during query")


class TooLong(Exception):
    """A row is NULL: it is longer than the server's max_allowed_packet (M24)."""


def texts(connection: Any, statement: str) -> Iterator[list[bytes]]:
    """Run a statement of one text column; its rows in batches. Raises what PyMySQL raises, and ``TooLong``."""
    from pymysql.connections import MySQLResult
    from pymysql.constants import COMMAND

    connection._rfile = connection._sock.makefile("rb", buffering=_CHUNK)  # nothing lies in the other one now
    connection._execute_command(COMMAND.COM_QUERY, statement)
    result = MySQLResult(connection)
    result.init_unbuffered_query()
    result.unbuffered_active, result.connection = False, None  # what comes is ours to read, and to end
    yield []  # the statement runs
    yield from _batches(connection)


def _batches(connection: Any) -> Iterator[list[bytes]]:
    """One loop without a call for a row, since there may be a hundred million."""
    more = connection._rfile.read1
    buffer, size = b"", 0
    batch: list[bytes] = []
    while True:
        at, end = 0, len(buffer)
        while end - at > _HEAD:
            length = _LENGTH(buffer, at)[0] & _WHOLE
            stop = at + _HEAD + length
            if stop > end or length == _WHOLE:
                break
            first = buffer[at + _HEAD]
            if first > _LONG_TEXT or (first == _LONG_TEXT and length < _SHORTEST_LONG) or first == _NULL:
                if batch:
                    yield batch
                _end(buffer[at + _HEAD : stop])
                return
            batch.append(buffer[at + _BEGINS[first] : stop])
            at = stop
        size += at
        buffer = buffer[at:]
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
        if len(buffer) > _HEAD and _LENGTH(buffer, 0)[0] & _WHOLE == _WHOLE:
            text, buffer = _in_pieces(buffer, more)
            batch.append(text)
            size += len(text)
        else:
            buffer += _chunk(more)


def _chunk(more: Any) -> bytes:
    """What has come; waits for something. Raises where the connection is lost."""
    chunk: bytes = more(_CHUNK)
    if not chunk:
        from pymysql.err import OperationalError

        raise OperationalError(*_LOST)
    return chunk


def _in_pieces(buffer: bytes, more: Any) -> tuple[bytes, bytes]:
    """A row longer than 16 MiB, put together from its packets; and what comes after it."""
    packet, length = bytearray(), _WHOLE
    while length == _WHOLE:
        while len(buffer) < _HEAD or len(buffer) < _HEAD + (_LENGTH(buffer, 0)[0] & _WHOLE):
            buffer += _chunk(more)
        length = _LENGTH(buffer, 0)[0] & _WHOLE
        packet += buffer[_HEAD : _HEAD + length]
        buffer = buffer[_HEAD + length :]
    return bytes(packet[_BEGINS[packet[0]] - _HEAD :]), buffer


def _end(packet: bytes) -> None:
    """The packet after the rows. Raises where it is an error, or a row that is NULL."""
    if packet[0] == _NULL:
        raise TooLong
    if packet[0] != _LONG_TEXT:
        from pymysql.err import raise_mysql_exception

        raise_mysql_exception(packet)
