"""The object that an export wrote: its first line, its rows as raw batches, its last line.

It is CSV of two columns as COPY writes it, one row to a line: what kind of line it is, and JSON.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

import pyarrow as pa

from floodmark.adapters.cloudsql.values import array
from floodmark.adapters.postgres.errors import mapped
from floodmark.errors import SourceUnavailable

BATCH_ROWS = 10_000
BATCH_BYTES = 8 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_FIRST, _ROW, _END = "h", "r", "e"


def lines(opened: Any, where: str) -> Iterator[tuple[str, str]]:
    """``(kind, text)`` of each line of a file of bytes.

    Raises ``SourceUnavailable`` for one that is cut short, ``SourceRefused`` for a row that is not in UTF-8.
    """
    for raw in gzip.GzipFile(fileobj=opened) if opened.peek(2)[:2] == _GZIP else opened:
        kind, comma, text = raw.partition(b",")
        if not comma or not text.endswith(b"\n"):
            raise _cut(where)
        yield kind.decode("ascii", "replace"), _unquoted(_decoded(kind, text.rstrip(b"\n"), where))


def first(found: Iterator[tuple[str, str]], where: str) -> str:
    """The evidence. Raises ``SourceUnavailable`` where something else comes first."""
    kind, text = next(found, ("", ""))
    if kind != _FIRST:
        raise SourceUnavailable(f"{where}: the export does not begin with its evidence, so it proves nothing")
    return text


def batches(
    found: Iterator[tuple[str, str]],
    items: Sequence[tuple[str, str]],
    where: str,
    ended: Callable[[str], None],
) -> Iterator[Any]:
    """Raw record batches; ``ended`` is given the last line before the last batch is.

    ``items`` are the names and landing types of a row's, in order.
    """
    rows: list[list[Any]] = []
    size, end = 0, ""
    for kind, text in found:
        if kind != _ROW:
            end = text if kind == _END else ""
            break
        rows.append(list(chain.from_iterable(json.loads(text))))
        size += len(text)
        if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield _batch(rows, items)
            rows, size = [], 0
    if not end or next(found, None) is not None:
        raise _cut(where)
    ended(end)
    if rows:
        yield _batch(rows, items)


def answers(found: Iterator[tuple[str, str]], questions: int, where: str) -> tuple[list[list[tuple[Any, ...]]], str]:
    """The rows of each question, and the last line. Raises ``SourceUnavailable`` where that is missing."""
    rows: list[list[tuple[Any, ...]]] = [[] for _ in range(questions)]
    for kind, text in found:
        if kind == _END:
            return rows, text
        number, pairs = json.loads(text, object_pairs_hook=list)
        rows[number].append(tuple(value for _, value in pairs))
    raise _cut(where)


def _batch(rows: Sequence[Sequence[Any]], items: Sequence[tuple[str, str]]) -> Any:
    arrays = [array(way, values) for (_, way), values in zip(items, zip(*rows, strict=True), strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in items])


def _decoded(kind: bytes, text: bytes, where: str) -> str:
    """A line's text. What spoils its evidence, as another encoding does, the canary tells."""
    try:
        return text.decode("utf-8", "replace" if kind == _FIRST.encode() else "strict")
    except UnicodeDecodeError:  # without its words, which hold the row
        raise mapped(RuntimeError("invalid byte sequence for encoding UTF8"), f"reading {where}") from None


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _cut(where: str) -> SourceUnavailable:
    return SourceUnavailable(f"{where}: the export's file has no end: it was cut short; it is exported again later")
