"""Rows to stage, without a source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.unheld import Tally

READ_AT = datetime(2026, 11, 1, 11, 0, 5, 250, tzinfo=UTC)
SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("name", pa.string()),
        ("amount", pa.decimal128(12, 2)),
        ("_floodmark_cursor", pa.timestamp("us", tz="UTC")),
        ("_floodmark_read_at", pa.timestamp("us", tz="UTC")),
    ]
)


class Staged:
    """``Rows`` of a schema, batch by batch; ``between`` is called before each batch but the first."""

    def __init__(
        self,
        batches: list[pa.RecordBatch],
        *,
        schema: pa.Schema = SCHEMA,
        quarantined: tuple[Mapping[str, Any], ...] = (),
        partitions: tuple[str | None, ...] = (),
        between: Callable[[int], None] = lambda number: None,
    ) -> None:
        self.arrow_schema, self.quarantined, self.partitions = schema, quarantined, partitions
        self._batches, self._between, self._hash = batches, between, hashlib.sha256()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(self._batches):
            if number:
                self._between(number)
            self._hash.update(repr(batch.to_pylist()).encode() if batch.num_rows < 10 else b"many")
            yield batch

    @property
    def rechecked(self) -> Rechecked:
        """No slice of theirs was sealed before."""
        return Rechecked()

    @property
    def checksum(self) -> None:
        """Nobody asked for one."""

    @property
    def tally(self) -> Tally:
        """All of it travelled as it is."""
        return Tally()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def batch(*ids: int, name: str = "n", read_at: datetime = READ_AT) -> pa.RecordBatch:
    """A row per id."""
    from decimal import Decimal

    rows = [
        {
            "id": number,
            "name": f"{name}{number}",
            "amount": Decimal("1.25"),
            "_floodmark_cursor": datetime(2026, 11, 1, 10, 30, tzinfo=UTC),
            "_floodmark_read_at": read_at,
        }
        for number in ids
    ]
    return pa.RecordBatch.from_pylist(rows, schema=SCHEMA)


def noise(count: int, seed: int = 0) -> pa.RecordBatch:
    """``count`` rows that don't compress: about 100 bytes each."""
    import random

    source = random.Random(seed)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(range(count), pa.int64()),
            pa.array([source.randbytes(48).hex() for _ in range(count)]),
            pa.nulls(count, pa.decimal128(12, 2)),
            pa.nulls(count, pa.timestamp("us", tz="UTC")),
            pa.array([READ_AT] * count, pa.timestamp("us", tz="UTC")),
        ],
        schema=SCHEMA,
    )
