"""Where rows lie, batch by batch: the partitions that they touch, and how many lie in slices that are looked at again.

The worker counts both for nothing, and spares BigQuery what it would bill for them (R12, R20).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.core.bigquery.tables import CURSOR
from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused


class RunningRecheck:
    """The rows so far whose cursor lies in one of the ``intervals``, and the partitions that they touch."""

    def __init__(self, intervals: Sequence[Interval], partitions: RunningPartitions | None) -> None:
        self._intervals, self._partitions, self._rows = tuple(intervals), partitions, 0

    def add(self, batch: Any) -> None:
        """Take note of a batch."""
        if not self._intervals:
            return
        cursor = batch.column(batch.schema.get_field_index(CURSOR))
        parts = [pc.and_(pc.greater_equal(cursor, one.low), pc.less(cursor, one.high)) for one in self._intervals]
        inside = pc.fill_null(reduce(pc.or_, parts), False)  # a cursor that is NULL is in none
        rows = inside.true_count
        self._rows += rows
        if rows and self._partitions:
            self._partitions.add(batch, inside)

    @property
    def value(self) -> Rechecked:
        """What it comes to."""
        return Rechecked(rows=self._rows, partitions=self._partitions.values if self._partitions else ())


class RunningPartitions:
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

    def add(self, batch: Any, inside: Any | None = None) -> None:
        """Take note of a batch, or of its rows ``inside``; most lie in one partition, which their ends tell."""
        column = batch.column(self._index)
        if inside is not None:
            column = column.filter(inside)  # of one column: a copy of all of them cost three times what else is done
        ends = pc.min_max(column)
        low, high = (pc.floor_temporal(ends[end], unit=self._unit).as_py() for end in ("min", "max"))
        if low == high and not column.null_count:
            self._seen.add(low)
        else:
            self._seen.update(pc.unique(pc.floor_temporal(column, unit=self._unit)).to_pylist())

    @property
    def values(self) -> tuple[str | None, ...]:
        """In order, NULL last."""
        written = sorted(_iso(value, self._unit) for value in self._seen if value is not None)
        return (*written, *([None] if None in self._seen else []))


def _iso(value: Any, unit: str) -> str:
    """As the ISO prefix of the unit; ``strftime`` would leave the zeros off the year 33."""
    length = {"hour": 13, "day": 10, "month": 7, "year": 4}[unit]
    return str(value.isoformat())[:length]
