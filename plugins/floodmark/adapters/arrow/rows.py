"""Rows on their way from the source to the stage: checked, cast, counted, hashed; batch after batch, never a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.adapters.arrow.checksum import RunningChecksum
from floodmark.adapters.arrow.columns import LandingColumn
from floodmark.adapters.arrow.digest import RunningDigest
from floodmark.adapters.arrow.lean import be_lean
from floodmark.adapters.arrow.places import RunningPartitions, RunningRecheck
from floodmark.adapters.arrow.sorting import Sorting
from floodmark.core.bigquery.tables import CURSOR, READ_AT, TOMBSTONE, UNHELD
from floodmark.core.carriage import Carriage, Check
from floodmark.core.checksum import Checksum
from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.ports import Selection
from floodmark.core.time.interval import Interval
from floodmark.core.unheld import BadValues, Tally

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
_INSTANT = pa.timestamp("us", tz="UTC")
_UNCOUNTED = frozenset({READ_AT, TOMBSTONE})


class ArrowRows:
    """Implements :class:`~floodmark.core.ports.Rows` over raw batches.

    ``batches`` may be read once. ``carriages`` are those of the batches' columns, in order, without Floodmark's own.
    ``read_at`` becomes one in every row. ``moment`` is the column that is the row's own moment as it stands, empty
    where rows have none; None: the batches have it, behind their other columns.
    ``key`` are the columns that tell rows apart, ``cursor`` those that place them in time, ``soft`` the one that marks
    them as deleted. ``matched``: rows of the target are found by the key, so it must not be NULL (R30). ``leaving``: a
    row that is held out is followed by one that says that its key leaves the target; ``flagged``: the raw batches end
    with a column that is true where a row is only there to say so (R37). ``verify`` is none, sample or full. Only what
    is read whole is compared with an earlier read, so only that is ``digested`` (R23). Rows whose cursor lies in
    ``recheck`` are counted by themselves.
    """

    def __init__(
        self,
        batches: Iterator[Any],
        carriages: Mapping[str, Carriage],
        *,
        read_at: datetime,
        table: str,
        key: Sequence[str],
        cursor: Sequence[str] = (),
        moment: str | None = None,
        soft: str = "",
        bad_values: str = BadValues.ENCODE,
        leaving: bool = False,
        flagged: bool = False,
        matched: bool = False,
        partition_by: str = "",
        partition_unit: str = "day",
        verify: str = "none",
        digested: bool = True,
        recheck: Sequence[Interval] | None = None,
    ) -> None:
        be_lean()
        self._columns = [LandingColumn(name, way) for name, way in (dict(carriages) | OWN).items()]
        self._names = [column.name for column in self._columns]
        self._read_at, self._moment = pa.scalar(read_at, _INSTANT), moment
        self._schema = pa.schema(
            [
                *(pa.field(column.name, column.type) for column in self._columns),
                pa.field(UNHELD, pa.string()),
                *([pa.field(TOMBSTONE, pa.bool_())] if leaving else []),
            ]
        )
        places = [
            RunningPartitions(self._schema, partition_by, partition_unit, table) if partition_by else None
            for _ in ("all", "in slices that are looked at again")
        ]
        self._partitions = places[0]
        self._recheck = None if recheck is None else RunningRecheck(recheck, places[1])
        counted = [name for name in self._schema.names if name not in _UNCOUNTED]
        self._checksum = RunningChecksum(counted, key, verify) if verify != "none" else None
        self._digest = RunningDigest(self._schema, frozenset(OWN)) if digested else None
        self._sorting = Sorting(
            self._columns,
            BadValues(bad_values),
            table=table,
            key=key,
            matched=matched,
            rigid=frozenset({*key, CURSOR, partition_by, soft}),
            cursor=cursor,
            moment=CURSOR,
            place=partition_by,
        )
        self._kept = {*key, partition_by, CURSOR, READ_AT}
        self._leaves, self._flagged, self._leaving = leaving, flagged, 0
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
    def rechecked(self) -> Rechecked | None:
        """The rows among them whose cursor lies in ``recheck``; None where that wasn't told."""
        return self._recheck.value if self._recheck else None

    @property
    def quarantined(self) -> tuple[Mapping[str, Any], ...]:
        """For each row that was held out: its ``key``, and ``values``, each with its column, text and reason."""
        return tuple(self._sorting.quarantined)

    @property
    def tally(self) -> Tally:
        """What did not travel as it is."""
        return self._sorting.tally(self._leaving)

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
        for raw in map(self._stamped, batches):
            batch = self._told_apart(raw) if self._flagged else self._landed(raw)
            if not batch.num_rows:
                continue
            if self._digest:
                self._digest.add(batch)
            if self._partitions:
                self._partitions.add(batch)
            if self._recheck:
                self._recheck.add(batch)
            if self._checksum:
                self._checksum.add(batch)
            yield batch

    def _stamped(self, raw: Any) -> Any:
        """A raw batch with Floodmark's own columns, made here, where their values needn't be sent."""
        arrays = raw.columns
        behind = [arrays.pop()] if self._flagged else []
        if self._moment:
            arrays.append(arrays[self._names.index(self._moment)])
        elif self._moment is not None:
            arrays.append(pa.nulls(raw.num_rows, _INSTANT))
        arrays += [pa.repeat(self._read_at, raw.num_rows), *behind]
        return pa.record_batch(arrays, names=[*self._names, *([TOMBSTONE] if behind else [])])

    def _told_apart(self, raw: Any) -> Any:
        """A raw batch whose last column says which rows ``where`` doesn't select: their key alone is left (R37)."""
        flag = raw.column(len(self._columns))
        unselected = raw.filter(flag)
        if not unselected.num_rows:
            return self._landed(raw)
        leaving = self._unselected(unselected)
        self._leaving += leaving.num_rows
        return _joined(self._landed(raw.filter(pc.invert(flag))), leaving)

    def _unselected(self, raw: Any) -> Any:
        """Keys that the target can't hold were never in it; a cursor that it can't says nothing of the key."""
        arrays, held = [], pa.array([True] * raw.num_rows, pa.bool_())
        for index, column in enumerate(self._columns):
            array = raw.column(index)
            if column.name in self._kept and (bad := column.bad(array)) is not None:
                array = pc.if_else(bad, pa.scalar(None, array.type), array)
                held = held if column.name == CURSOR else pc.and_not(held, bad)
            arrays.append(column.cast(array))
        beside = [pa.nulls(raw.num_rows, self._schema.field(place).type) for place in (-2, -1)]
        return self._emptied(pa.record_batch([*arrays, *beside], schema=self._schema).filter(held))

    def _landed(self, raw: Any) -> Any:
        """A raw batch in landing types: what can't be held encoded or held out, and who is held out leaves."""
        sorted_out = self._sorting.of(raw)
        arrays = [column.cast(array) for column, array in zip(self._columns, sorted_out.arrays, strict=True)]
        gone = [pa.nulls(raw.num_rows, pa.bool_())] if self._leaves else []
        batch = pa.record_batch([*arrays, sorted_out.unheld, *gone], schema=self._schema)
        if sorted_out.out is None:
            return batch
        staying = batch.filter(pc.invert(sorted_out.out))
        if not self._leaves:
            return staying
        leaving = self._emptied(batch.filter(pc.and_(sorted_out.out, sorted_out.keyed)))
        self._leaving += leaving.num_rows
        return _joined(staying, leaving)

    def _emptied(self, batch: Any) -> Any:
        """Rows of which only their key and their place are left: they say that the key leaves."""
        arrays = [
            column if field.name in self._kept else pa.nulls(batch.num_rows, field.type)
            for field, column in zip(self._schema, batch.columns, strict=True)
        ]
        arrays[-1] = pa.array([True] * batch.num_rows, pa.bool_())
        return pa.record_batch(arrays, schema=self._schema)


def selected(selection: Selection, batches: Iterator[Any], carriages: Mapping[str, Carriage], **told: Any) -> ArrowRows:
    """The rows of a selection: all that it says of them, and ``told``, what is so of this read of them."""
    return ArrowRows(
        batches,
        carriages,
        table=f"{selection.schema}.{selection.name}",
        key=selection.all_in_target(selection.key),
        cursor=selection.all_in_target(selection.cursor),
        soft=selection.in_target(selection.soft),
        bad_values=selection.bad_values,
        matched=bool(selection.cursor),
        partition_by=selection.in_target(selection.partition_by),
        partition_unit=selection.partition_unit,
        **told,
    )


def _joined(*batches: Any) -> Any:
    """Several batches of one schema as one."""
    schema = batches[0].schema
    columns = [pa.concat_arrays([batch.column(place) for batch in batches]) for place in range(len(schema))]
    return pa.record_batch(columns, schema=schema)
