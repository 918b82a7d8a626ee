"""The text of each row straight off the socket's buffer: a fraction of the work of PyMySQL's own loop (M27).

It reads PyMySQL's ``_rfile``. What has come is taken apart in blocks of many rows, by :mod:`chain`; what it leaves is
walked through packet by packet: rows longer than a packet, values that hold the mark of a row's end, and the end.
The protocol: MySQL's "Text Resultset" and "Packets"; a row of one column is one length-encoded text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from floodmark.adapters.mysql.chain import cut
from floodmark.adapters.mysql.lines import Lines

BLOCK_BYTES = 8 * 1024 * 1024
_CHUNK = 256 * 1024
_TAIL = 4096
"""The last packet is shorter: an error's words are 512 bytes at most."""
_WHOLE = 0xFFFFFF
"""The length of a packet that another one goes on with; and what of four bytes is a length."""
_HEAD = 4
_LENGTH = struct.Struct("<I").unpack_from
_NULL, _LONG_TEXT, _ERROR, _SHORTEST_LONG = 251, 254, 255, 9
_BEGINS = [{252: 3, 253: 4, 254: 9}.get(first, 1) for first in range(256)]
"""Where a row's text begins in its packet, by its first byte."""
_END_OF_ROWS, _END_BYTES = b"\5\0\0", 9
_LOST = (2013, "Lost connection to MySQL server during query")


class TooLong(Exception):
    """A row is NULL: it is longer than the server's max_allowed_packet (M24)."""


@dataclass(frozen=True, kw_only=True)
class _Walked:
    """The texts of rows, ``at`` which byte they end, bytes ``needed`` from there on, and the packet after all rows."""

    texts: list[bytes]
    at: int
    needed: int
    end: bytes


def texts(connection: Any, statement: str) -> Iterator[Lines]:
    """Run a statement of one text column, each ending with a newline and ROW_END; its rows, without ROW_END.

    The first item has none: the statement runs. Raises what PyMySQL raises, and ``TooLong``.
    """
    from pymysql.connections import MySQLResult
    from pymysql.constants import COMMAND

    connection._rfile = connection._sock.makefile("rb", buffering=_CHUNK)  # nothing lies in the other one now
    connection._execute_command(COMMAND.COM_QUERY, statement)
    result = MySQLResult(connection)
    result.init_unbuffered_query()
    result.unbuffered_active, result.connection = False, None  # what comes is ours to read, and to end
    yield Lines(rows=0, text=b"")
    yield from _blocks(connection)


def _blocks(connection: Any) -> Iterator[Lines]:
    """Rows in blocks, each with at least one; all in one place of memory, one after another."""
    buffer = bytearray(connection._rfile.read1(_CHUNK))  # all that lies there, or the first that comes
    filled = len(buffer)
    while True:
        with memoryview(buffer)[:filled] as block:
            lines, at = cut(block)
            if lines.rows:
                yield lines
            walked = _walk(block, at)
            if walked.texts:
                yield Lines(rows=len(walked.texts), text=b"".join(walked.texts))
            if walked.end:
                _refuse_another_end(walked.end)
                return
            rest = bytes(block[walked.at :])
        if len(buffer) != (size := max(BLOCK_BYTES, walked.needed)):
            buffer = bytearray(size)
        buffer[: len(rest)] = rest
        filled = _fill(connection._rfile.raw.readinto, buffer, len(rest))


def _fill(read: Any, buffer: bytearray, filled: int) -> int:
    """Add what comes until the buffer is full, or all may have come; how much is filled then.

    Never waits for what may not come. Raises where the connection is lost.
    """
    with memoryview(buffer) as space:
        while True:
            with space[filled:] as free:
                come = read(free)
            if not come:
                from pymysql.err import OperationalError

                raise OperationalError(*_LOST)
            filled += come
            if filled == len(buffer) or _may_be_the_end(bytes(space[max(0, filled - _TAIL) : filled])):
                return filled


def _may_be_the_end(tail: bytes) -> bool:
    """Whether the last bytes that came look like the packet after all rows, or an error. Both bytes are in no text."""
    if tail[-_END_BYTES : 3 - _END_BYTES] == _END_OF_ROWS and tail[_HEAD - _END_BYTES] == _LONG_TEXT:
        return True
    at = tail.find(_ERROR, _HEAD)
    while at >= 0:
        if _LENGTH(tail, at - _HEAD)[0] & _WHOLE == len(tail) - at:
            return True
        at = tail.find(_ERROR, at + 1)
    return False


def _walk(block: memoryview, at: int) -> _Walked:
    """Packet by packet, up to the first that isn't whole, or is no row."""
    texts: list[bytes] = []
    size, needed, end = len(block), _HEAD + 1, b""
    while size - at > _HEAD:
        length, first = _LENGTH(block, at)[0] & _WHOLE, block[at + _HEAD]
        stop = at + _HEAD + length
        if length == _WHOLE:
            packet, stop = _in_pieces(block, at)
        if stop > size:
            needed = stop - at
            break
        if first > _LONG_TEXT or (first == _LONG_TEXT and length < _SHORTEST_LONG) or first == _NULL:
            end = bytes(block[at + _HEAD : stop])
            break
        begin = _BEGINS[first]
        texts.append(packet[begin:-1] if length == _WHOLE else bytes(block[at + _HEAD + begin : stop - 1]))
        at = stop
    return _Walked(texts=texts, at=at, needed=needed, end=end)


def _in_pieces(block: memoryview, at: int) -> tuple[bytes, int]:
    """A row longer than 16 MiB, put together from its packets, and where they stop: past the block while some lack."""
    pieces, length = [], _WHOLE
    while length == _WHOLE:
        if len(block) - at < _HEAD:
            return b"", at + _HEAD + 1
        length = _LENGTH(block, at)[0] & _WHOLE
        pieces.append(block[at + _HEAD : at + _HEAD + length])
        at += _HEAD + length
    return b"".join(pieces), at


def _refuse_another_end(packet: bytes) -> None:
    """The packet after the rows. Raises where it is an error, or a row that is NULL."""
    if packet[0] == _NULL:
        raise TooLong
    if packet[0] != _LONG_TEXT:
        from pymysql.err import raise_mysql_exception

        raise_mysql_exception(packet)
