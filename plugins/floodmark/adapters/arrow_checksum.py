"""What decoded batches come to, as :mod:`floodmark.core.checksum` defines it: one MD5 for each value looked at.

It costs: measured in docs/adr. A sample takes one row in 64, and one MD5 for each of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from hashlib import md5
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.core.checksum import BYTES, LOW, NULL, ROW, SAMPLE, SAMPLED, SEPARATOR, VALUE, Checksum, ColumnSum


class RunningChecksum:
    """The checksum of batches so far. ``names`` are the columns that count, ``key`` those that tell rows apart."""

    def __init__(self, names: Sequence[str], key: Sequence[str], level: str) -> None:
        self._names, self._key, self._level = tuple(names), tuple(key), level
        self._sums = dict.fromkeys((*self._names, *(() if key else (ROW,))), (0, 0))
        self._rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch's rows in."""
        texts = {name: canonical(batch.column(name)) for name in self._key or self._names}
        identity = _joined(*texts.values())
        if self._level == SAMPLE:
            mask = pa.array([_hash(one) % SAMPLED == 0 for one in _bytes(identity)], pa.bool_())
            batch, identity = batch.filter(mask), identity.filter(mask)
        self._rows += batch.num_rows
        for name in self._names:
            self._count(name, _bytes(_joined(identity, canonical(batch.column(name)))))
        if not self._key:
            self._count(ROW, _bytes(identity))

    def _count(self, name: str, texts: Iterable[bytes]) -> None:
        total, mixed = self._sums[name]
        for text in texts:
            found = _hash(text)
            total += found & LOW
            mixed ^= found
        self._sums[name] = (total, mixed)

    @property
    def value(self) -> Checksum:
        """What they come to."""
        sums = (ColumnSum(name=name, sum=total, xor=mixed) for name, (total, mixed) in self._sums.items())
        return Checksum(level=self._level, rows=self._rows, columns=tuple(sums))


def canonical(array: Any) -> Any:
    """Every value as its text; NULL as the empty one."""
    text = _text(array).cast(pa.large_string())
    return pc.fill_null(_joined(pa.scalar(VALUE, pa.large_string()), text, separator=""), NULL)


def _joined(*texts: Any, separator: str = SEPARATOR) -> Any:
    return pc.binary_join_element_wise(*texts, pa.scalar(separator, pa.large_string()))


def _text(array: Any) -> Any:
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return array
    if pa.types.is_boolean(kind):
        return array.cast(pa.int8()).cast(pa.string())
    if pa.types.is_date32(kind):
        return array.view(pa.int32()).cast(pa.string())
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return array.view(pa.int64()).cast(pa.string())
    if pa.types.is_integer(kind):
        return array.cast(pa.string())
    write = _WRITTEN.get(kind.id) or (_decimal if pa.types.is_decimal(kind) else None)
    if write is None:
        raise TypeError(f"no canonical text for {kind}")
    return pa.array([None if value is None else write(value) for value in array.to_pylist()], pa.string())


def _float(value: float) -> str:
    return "0" if value == 0 else f"{value:.16e}"


def _decimal(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_WRITTEN: dict[int, Any] = {
    pa.float32().id: _float,
    pa.float64().id: _float,
    pa.binary().id: bytes.hex,
    pa.large_binary().id: bytes.hex,
}


def _bytes(texts: Any) -> list[bytes]:
    found: list[bytes] = texts.cast(pa.large_binary()).to_pylist()
    return found


def _hash(text: bytes) -> int:
    return int.from_bytes(md5(text, usedforsecurity=False).digest()[:BYTES])
