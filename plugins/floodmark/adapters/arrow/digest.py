"""A digest of rows in the order read: equal rows come to the same, wherever their batches were cut (R23).

Only values are hashed. Under a NULL, behind the last bit of a bitmap and outside a slice, Arrow's buffers hold whatever
was in memory before.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


class RunningDigest:
    """SHA-256 of columns, batch by batch. ``schema`` is the batches' own; all its fields count but ``without``."""

    def __init__(self, schema: Any, without: frozenset[str] = frozenset()) -> None:
        self._names = [name for name in schema.names if name not in without]
        shape = str([(name, str(schema.field(name).type)) for name in self._names])
        self._shape = hashlib.sha256(shape.encode())
        self._columns = [_Column() for _ in self._names]

    def add(self, batch: Any) -> None:
        """Take a batch's rows in."""
        for name, column in zip(self._names, self._columns, strict=True):
            column.add(batch.column(name))

    @property
    def value(self) -> str:
        """In hex."""
        whole = self._shape.copy()
        for column in self._columns:
            whole.update(column.digest())
        return whole.hexdigest()


class _Column:
    """Three streams, so that nothing that differs can look the same: which are NULL, how long, and what they hold."""

    def __init__(self) -> None:
        self._parts = [hashlib.sha256() for _ in range(3)]

    def add(self, array: Any) -> None:
        validity, length, content = self._parts
        if array.null_count:
            validity.update(_fixed(array.is_valid().cast(pa.int8())))
            array = pc.fill_null(array, _zero(array.type))
        else:
            validity.update(b"\1" * len(array))
        if not (pa.types.is_string(array.type) or pa.types.is_binary(array.type)):
            content.update(_fixed(array.cast(pa.int8()) if pa.types.is_boolean(array.type) else array))
            return
        length.update(_fixed(pc.binary_length(array)))
        content.update(_variable(array))

    def digest(self) -> bytes:
        return b"".join(part.digest() for part in self._parts)


def _fixed(array: Any) -> Any:
    """The bytes of values of one width, those of the slice alone."""
    width = array.type.bit_width // 8
    buffer = array.buffers()[1]
    return b"" if buffer is None else memoryview(buffer)[array.offset * width : (array.offset + len(array)) * width]


def _variable(array: Any) -> Any:
    """The bytes of texts, those of the slice alone: between the first one's and the last one's offset, 32 bits each."""
    _, offsets, content = array.buffers()
    if content is None or not len(array):
        return b""
    ends = memoryview(offsets).cast("B").cast("i")
    return memoryview(content)[ends[array.offset] : ends[array.offset + len(array)]]


def _zero(kind: Any) -> Any:
    if pa.types.is_string(kind):
        return pa.scalar("", kind)
    if pa.types.is_binary(kind):
        return pa.scalar(b"", kind)
    if pa.types.is_boolean(kind):
        return pa.scalar(False, kind)
    return pa.scalar(Decimal(0) if pa.types.is_decimal(kind) else 0, kind)
