"""Rows that heal a table: those that the source has, and after them one for each key that it has no more (R25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa

from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.core.bigquery.tables import READ_AT, TOMBSTONE
from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.reconcile import Heal, TargetRow
from floodmark.core.unheld import Tally

BATCH = 50_000
_ALL_DIGITS = Context(prec=76)
"""BIGNUMERIC's; Python's own context has 28, and refuses a longer one."""


class HealingRows:
    """Implements :class:`~floodmark.core.ports.Rows`: ``rows``, then the deleted ones; a column says which those are.

    ``rows`` have that column. Of the deleted ones only the ``key`` and the partitioning column ``cut`` are filled, with
    what current holds of them.
    """

    checksum = None
    digest = ""
    rechecked = Rechecked()

    def __init__(self, rows: ArrowRows, heal: Heal, *, key: Sequence[str], cut: str, read_at: datetime) -> None:
        self._rows, self._heal, self._key, self._cut, self._read_at = rows, heal, tuple(key), cut, read_at
        self._schema = rows.arrow_schema

    @property
    def arrow_schema(self) -> Any:
        """The ``pyarrow.Schema`` of every batch."""
        return self._schema

    @property
    def partitions(self) -> tuple[str | None, ...]:
        """Where the rows lie, and where those that they change or remove stand in current."""
        touched = {*self._rows.partitions, *self._heal.partitions}
        return (*sorted(one for one in touched if one is not None), *([None] if None in touched else []))

    @property
    def quarantined(self) -> tuple[Mapping[str, Any], ...]:
        """The source's rows that were left out."""
        return self._rows.quarantined

    @property
    def tally(self) -> Tally:
        """What did not travel as it is, the deleted ones among those that leave."""
        tally = self._rows.tally
        null_keys = any(None in row.key for row in self._heal.deleted)
        return replace(tally, leaving=tally.leaving + len(self._heal.deleted), null_keys=null_keys)

    def empty(self) -> bool:
        """Whether there are no rows; the first batch is kept for who iterates."""
        return not self._heal.deleted and self._rows.empty()

    def __iter__(self) -> Iterator[Any]:
        """The batches, once."""
        yield from self._rows
        for at in range(0, len(self._heal.deleted), BATCH):
            yield self._deleted(self._heal.deleted[at : at + BATCH])

    def _deleted(self, rows: Sequence[TargetRow]) -> Any:
        filled: dict[str, list[Any]] = {name: [row.key[place] for row in rows] for place, name in enumerate(self._key)}
        if self._cut:
            filled.setdefault(self._cut, [row.cut for row in rows])
        filled |= {READ_AT: [self._read_at] * len(rows), TOMBSTONE: [True] * len(rows)}
        arrays = [
            landed(filled[field.name], field.type) if field.name in filled else pa.nulls(len(rows), field.type)
            for field in self._schema
        ]
        return pa.record_batch(arrays, schema=self._schema)


def landed(values: Sequence[Any], kind: Any) -> Any:
    """Values of BigQuery's client in the Arrow type in which they were staged once."""
    if pa.types.is_string(kind):
        values = [_text(value) for value in values]
    elif pa.types.is_decimal(kind):
        one = Decimal(1).scaleb(-kind.scale)
        exact = pa.decimal128(kind.precision, kind.scale)
        return pa.array(
            [None if value is None else value.quantize(one, context=_ALL_DIGITS) for value in values], exact
        ).cast(kind)
    return pa.array(values, kind)


def _text(value: Any) -> str | None:
    """A key's number that landed as text, since its type was chosen."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return None if value is None else str(value)
