"""Rows on their way from the source to the stage: checked, cast, counted, hashed; batch after batch, never a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.adapters.arrow.checksum import RunningChecksum
from floodmark.adapters.arrow.columns import LandingColumn
from floodmark.adapters.arrow.digest import RunningDigest
from floodmark.core.carriage import Carriage, Check
from floodmark.core.checksum import Checksum
from floodmark.core.config.names import OURS
from floodmark.errors import BadValue, SourceRefused

MOST_QUARANTINED = 10_000
"""A read with more bad values than this fails: then it is the column that is wrong, not some rows."""
CURSOR, READ_AT = OURS + "cursor", OURS + "read_at"
OWN = {
    name: Carriage(
        arrow="timestamp[us, tz=UTC]",
        landing="TIMESTAMP",
        target="TIMESTAMP",
        check=Check.TIMESTAMP,
    )
    for name in (CURSOR, READ_AT)
}
"""Floodmark's own columns, after those of the selection."""


class ArrowRows:
    """Implements :class:`~floodmark.core.ports.Rows` over raw batches.

    ``batches`` may be read once. ``carriages`` are those of the batches' columns, in order, without Floodmark's own.
    ``fail`` makes a bad value an error (``bad_values: fail``); otherwise its row goes to the quarantine. There is
    nothing to encode: what text can carry, travels as text. ``verify`` is none, sample or full.
    Only what is read whole is compared with an earlier read, so only that is ``digested`` (R23).
    """

    def __init__(
        self,
        batches: Iterator[Any],
        carriages: Mapping[str, Carriage],
        *,
        table: str,
        key: Sequence[str],
        fail: bool = False,
        partition_by: str = "",
        partition_unit: str = "day",
        verify: str = "none",
        digested: bool = True,
    ) -> None:
        self._columns = [LandingColumn(name, way) for name, way in (dict(carriages) | OWN).items()]
        self._schema = pa.schema([pa.field(column.name, column.type) for column in self._columns])
        self._table, self._key, self._fail = table, tuple(key), fail
        self._partitions = _Partitions(self._schema, partition_by, partition_unit, table) if partition_by else None
        counted = [name for name in self._schema.names if name != READ_AT]
        self._checksum = RunningChecksum(counted, self._key, verify) if verify != "none" else None
        self._quarantined: list[Mapping[str, Any]] = []
        self._digest = RunningDigest(self._schema, frozenset(OWN)) if digested else None
        self._rows = self._converted(batches)
        self._ahead: list[Any] = []

    @property
    def arrow_schema(self) -> Any:
        """The ``pyarrow.Schema`` of every batch."""
        return self._schema

    @property
    def digest(self) -> str:
        """SHA-256 in hex, of the rows as they came: equal ones prove equal rows, unequal ones nothing.

        Empty where it wasn't asked for.
        """
        return self._digest.value if self._digest else ""

    @property
    def checksum(self) -> Checksum | None:
        """What the rows come to, where that was asked for."""
        return self._checksum.value if self._checksum else None

    @property
    def partitions(self) -> tuple[str | None, ...]:
        """What the rows hold of the partitioning column, in order, NULL last."""
        return self._partitions.values if self._partitions else ()

    @property
    def quarantined(self) -> tuple[Mapping[str, Any], ...]:
        """A mapping with ``key``, ``column``, ``reason`` and ``value`` for each row left out."""
        return tuple(self._quarantined)

    def empty(self) -> bool:
        """Whether there are no rows; the first batch is kept for who iterates."""
        if not self._ahead:
            self._ahead.extend(batch for batch in [next(self._rows, None)] if batch is not None)
        return not self._ahead

    def __iter__(self) -> Iterator[Any]:
        """The batches that hold a row, once."""
        while self._ahead:
            yield self._ahead.pop()
        yield from self._rows

    def _converted(self, batches: Iterator[Any]) -> Iterator[Any]:
        for raw in batches:
            kept = self._without_bad(raw)
            if not kept.num_rows:
                continue
            arrays = [column.cast(kept.column(index)) for index, column in enumerate(self._columns)]
            batch = pa.record_batch(arrays, schema=self._schema)
            if self._digest:
                self._digest.add(batch)
            if self._partitions:
                self._partitions.add(batch)
            if self._checksum:
                self._checksum.add(batch)
            yield batch

    def _without_bad(self, raw: Any) -> Any:
        found = [
            (column, raw.column(index), column.bad(raw.column(index))) for index, column in enumerate(self._columns)
        ]
        bad = [one for one in found if one[2] is not None]
        if not bad:
            return raw
        drop = pa.array([False] * raw.num_rows)
        for column, array, mask in bad:
            for row in pc.indices_nonzero(pc.and_not(mask, drop)).to_pylist():
                self._set_aside(raw, column, array, row)
            drop = pc.or_(drop, mask)
        return raw.filter(pc.invert(drop))

    def _set_aside(self, raw: Any, column: LandingColumn, array: Any, row: int) -> None:
        key = {name: self._text(raw, name, row) for name in self._key if name in self._schema.names}
        value = column.text(array, row)
        if self._fail:
            raise BadValue(
                f"{self._table}.{column.name}: {value!r} is {column.reason}, in the row {key}; correct it in the "
                "source, exclude the column, or write bad_values: quarantine"
            )
        if len(self._quarantined) >= MOST_QUARANTINED:
            raise BadValue(
                f"{self._table}: more than {MOST_QUARANTINED} rows hold values that BigQuery can't, the last one "
                f"{column.name} = {value!r} ({column.reason}), in the row {key}; exclude the column, or leave such "
                "rows out by where"
            )
        self._quarantined.append({"key": key, "column": column.name, "reason": column.reason, "value": value})

    def _text(self, raw: Any, name: str, row: int) -> str | None:
        index = self._schema.get_field_index(name)
        array = raw.column(index)
        return None if not array[row].is_valid else self._columns[index].text(array, row)


class _Partitions:
    """The partitioning column's values so far."""

    def __init__(self, schema: Any, column: str, unit: str, table: str) -> None:
        self._index = schema.get_field_index(column)
        if self._index < 0:
            raise SourceRefused(f"{table}: partition_by names {column}, which is not among the columns that are read")
        kind = schema.field(self._index).type
        if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            raise SourceRefused(f"{table}: partition_by names {column}, which is no date and no timestamp, but {kind}")
        self._unit = unit
        self._seen: set[Any] = set()

    def add(self, batch: Any) -> None:
        """Take note of a batch; most lie in one partition, which their ends tell."""
        column = batch.column(self._index)
        ends = pc.min_max(column)
        low, high = (pc.floor_temporal(ends[end], unit=self._unit).as_py() for end in ("min", "max"))
        if low == high and not column.null_count:
            self._seen.add(low)
        else:
            self._seen.update(pc.unique(pc.floor_temporal(column, unit=self._unit)).to_pylist())

    @property
    def values(self) -> tuple[str | None, ...]:
        written = sorted(_iso(value, self._unit) for value in self._seen if value is not None)
        return (*written, *([None] if None in self._seen else []))


def _iso(value: Any, unit: str) -> str:
    """As the ISO prefix of the unit; ``strftime`` would leave the zeros off the year 33."""
    length = {"hour": 13, "day": 10, "month": 7, "year": 4}[unit]
    return str(value.isoformat())[:length]
