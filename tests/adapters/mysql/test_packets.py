"""Rows straight off the socket: every length, every way in which it ends, however the bytes come (M27)."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest

from floodmark.adapters.mysql import chain, packets
from floodmark.adapters.mysql.cells import ROW_END

END = b"\xfe\x00\x00\x02\x00"
MARK = ROW_END.encode()
REFUSED = b"\xff" + (1412).to_bytes(2, "little") + b"#HY000Table definition has changed"


class Trickle(io.RawIOBase):
    """Bytes that come so many at a time. Whoever waits for more than there are would wait for ever, and is told."""

    def __init__(self, content: bytes, each: int, *, closed: bool) -> None:
        self._content, self._each, self._ends = io.BytesIO(content), each, closed

    def readable(self) -> bool:
        return True

    @property
    def raw(self) -> Trickle:
        return self

    def read1(self, size: int) -> bytes:
        return self._content.read(min(size, self._each))

    def readinto(self, space: Any) -> int:
        come = self._content.readinto(space[: self._each])
        assert come or self._ends, "waits for what doesn't come"
        return come


def packet(body: bytes, number: int = 0) -> bytes:
    """A body as the protocol sends it, in several packets where it is longer than one."""
    sent = b""
    while len(body) >= 0xFFFFFF:
        sent, body = sent + b"\xff\xff\xff" + bytes([number % 256]) + body[:0xFFFFFF], body[0xFFFFFF:]
    return sent + len(body).to_bytes(3, "little") + bytes([number % 256]) + body


def row(text: bytes, number: int = 0) -> bytes:
    """A row of one text, as the SELECT ends it."""
    text += b"\n" + MARK
    size = len(text)
    if size < 251:
        return packet(bytes([size]) + text, number)
    if size < 1 << 16:
        return packet(b"\xfc" + size.to_bytes(2, "little") + text, number)
    if size < 1 << 24:
        return packet(b"\xfd" + size.to_bytes(3, "little") + text, number)
    return packet(b"\xfe" + size.to_bytes(8, "little") + text, number)


def sent(texts: Sequence[bytes], end: bytes = END) -> bytes:
    """Rows and what comes behind them, numbered as packets are."""
    return b"".join(row(text, number) for number, text in enumerate(texts)) + packet(end, len(texts))


def blocks(content: bytes, each: int = 1 << 30, *, closed: bool = False) -> list[tuple[int, bytes]]:
    connection = SimpleNamespace(_rfile=Trickle(content, each, closed=closed))
    return [(lines.rows, bytes(lines.text)) for lines in packets._blocks(connection)]


def came(texts: Sequence[bytes]) -> tuple[int, bytes]:
    return len(texts), b"".join(text + b"\n" for text in texts)


def read(content: bytes, each: int = 1 << 30, *, closed: bool = False) -> tuple[int, bytes]:
    told = blocks(content, each, closed=closed)
    assert all(rows for rows, _ in told)
    return sum(rows for rows, _ in told), b"".join(text for _, text in told)


@pytest.mark.parametrize("each", [1, 3, 1000, 1 << 30])
def test_texts_of_every_length_come_whole_however_they_trickle(each: int) -> None:
    wanted = [b"", b"x", b"y" * 248, b"z" * 249, b"", b"v", *([b"w" * 65533, b"u" * 65534] if each > 3 else [])]
    assert read(sent(wanted), each) == came(wanted)


@pytest.mark.parametrize("size", [0xFFFFFF - 7, 0xFFFFFF - 6, 2 * 0xFFFFFF])
def test_a_row_longer_than_a_packet_is_put_together(size: int) -> None:
    wanted = [b"before", b"x" * size, b"behind"]
    assert read(sent(wanted), 1 << 20) == came(wanted)


@pytest.mark.parametrize("numpy", [True, False])
def test_whatever_rows_hold_their_marks_lengths_and_numbers_are_not_taken_for_ends(
    monkeypatch: pytest.MonkeyPatch, numpy: bool
) -> None:
    if not numpy:
        monkeypatch.setattr(chain, "_by_numpy", _no_numpy)
    monkeypatch.setattr(packets, "BLOCK_BYTES", 4096)
    some = random.Random(15)
    for _ in range(12):
        wanted = [some.choice([b"a", MARK, b"\n" + MARK, b"\xf4\x8f"]) * some.randrange(400) for _ in range(300)]
        assert read(sent(wanted), some.choice([100, 1000, 1 << 20])) == came(wanted)


def _no_numpy(octets: Any, wanted: int) -> Any:
    raise ImportError


def test_rows_that_hold_no_mark_need_no_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []
    walk = packets._walk
    monkeypatch.setattr(packets, "_walk", lambda block, at: walked.append(walk(block, at)) or walked[-1])
    wanted = [b"x" * (number % 700 + 8) for number in range(60_000)]
    assert read(sent(wanted)) == came(wanted)
    assert len(walked) > 1
    assert not any(one.texts for one in walked)


@pytest.mark.parametrize("status", [b"\x02\x00", MARK + MARK, b"\x00" + MARK])
def test_the_end_is_the_end_though_it_ends_as_a_row_does(status: bytes) -> None:
    wanted = [b"x" * 100] * 5
    assert read(sent(wanted, b"\xfe\x00\x00" + status)) == came(wanted)


@pytest.mark.parametrize("each", [1, 16, 1 << 20])
def test_a_null_row_a_lost_connection_and_an_error_are_no_end(each: int) -> None:
    texts = [b"x" * 20] * 3
    with pytest.raises(packets.TooLong):
        read(sent(texts, b"\xfb") + packet(END), each)
    with pytest.raises(pymysql.err.OperationalError, match="2013"):
        read(row(b"x"), each, closed=True)
    with pytest.raises(pymysql.err.OperationalError, match="2013"):
        read(row(b"x" * 100)[:50], each, closed=True)
    with pytest.raises(pymysql.err.OperationalError, match="1412"):
        read(sent(texts, REFUSED), each)


def test_no_rows_are_no_block_and_many_come_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "BLOCK_BYTES", 100)
    assert blocks(packet(END)) == []
    wanted = [b"%d" % number for number in range(100)]
    told = blocks(sent(wanted), 30)
    assert read(sent(wanted), 30) == came(wanted)
    assert max(rows for rows, _ in told) < 25
