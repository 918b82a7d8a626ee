"""Rows straight off the socket: every length, every way in which it ends, however the bytes come (M27)."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pymysql
import pytest

from floodmark.adapters.mysql import packets

EOF = b"\xfe\x00\x00\x02\x00"


class Trickle(io.RawIOBase):
    """Bytes that come so many at a time."""

    def __init__(self, content: bytes, each: int) -> None:
        self._content, self._each = io.BytesIO(content), each

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        return self._content.read(min(size, self._each))


def packet(body: bytes) -> bytes:
    """A body as the protocol sends it, in several packets where it is longer than one."""
    sent = b""
    while len(body) >= 0xFFFFFF:
        sent, body = sent + b"\xff\xff\xff\x00" + body[:0xFFFFFF], body[0xFFFFFF:]
    return sent + len(body).to_bytes(3, "little") + b"\x00" + body


def row(text: bytes) -> bytes:
    """A row of one text."""
    size = len(text)
    if size < 251:
        return packet(bytes([size]) + text)
    if size < 1 << 16:
        return packet(b"\xfc" + size.to_bytes(2, "little") + text)
    if size < 1 << 24:
        return packet(b"\xfd" + size.to_bytes(3, "little") + text)
    return packet(b"\xfe" + size.to_bytes(8, "little") + text)


def read(content: bytes, each: int = 1 << 30) -> list[bytes]:
    connection = SimpleNamespace(_rfile=Trickle(content, each))
    return [text for batch in packets._batches(connection) for text in batch]


@pytest.mark.parametrize("each", [1, 3, 1000, 1 << 30])
def test_texts_of_every_length_come_whole_however_they_trickle(each: int) -> None:
    wanted = [b"", b"x", b"y" * 250, b"z" * 251, b"w" * 65535, b"", b"v"]
    assert read(b"".join(map(row, wanted)) + packet(EOF), each) == wanted


@pytest.mark.parametrize("size", [0xFFFFFF - 5, 0xFFFFFF - 4, 0xFFFFFF - 3, 0xFFFFFF, 0xFFFFFF + 1])
def test_a_row_longer_than_a_packet_is_put_together(size: int) -> None:
    wanted = [b"before", b"x" * size, b"behind"]
    assert read(b"".join(map(row, wanted)) + packet(EOF), 1 << 20) == wanted


def test_a_null_row_a_lost_connection_and_an_error_are_no_end() -> None:
    with pytest.raises(packets.TooLong):
        read(row(b"x") + packet(b"\xfb") + packet(EOF))
    with pytest.raises(pymysql.err.OperationalError, match="2013"):
        read(row(b"x"))
    with pytest.raises(pymysql.err.OperationalError, match="2013"):
        read(row(b"x" * 100)[:50])
    with pytest.raises(pymysql.err.OperationalError, match="1412"):
        read(row(b"x") + packet(b"\xff" + (1412).to_bytes(2, "little") + b"#HY000Table definition has changed"))


def test_no_rows_are_no_batch_and_many_come_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "BATCH_ROWS", 10)
    assert read(packet(EOF)) == []
    connection = SimpleNamespace(_rfile=Trickle(b"".join(row(b"%d" % n) for n in range(25)) + packet(EOF), 30))
    batches = list(packets._batches(connection))
    assert [text for batch in batches for text in batch] == [b"%d" % n for n in range(25)]
    assert max(map(len, batches)) < 25
