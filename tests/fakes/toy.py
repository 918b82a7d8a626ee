"""A source whose rows lie in memory: what a new source has to be, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.core.carriage import TEXT, Carriage, Check
from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import History, Leaf, Snapshot
from floodmark.core.ledger.watermark import Look, OpenTransaction, Seen
from floodmark.core.ports import Comparison, Selection
from floodmark.core.schema import Column, TableSchema
from floodmark.errors import SourceRefused

BIGINT = Carriage(arrow="int64", landing="INT64", target="INT64")
INSTANTS = pa.timestamp("us", tz="UTC")
INSTANT = Carriage(arrow="timestamp[us, tz=UTC]", landing="TIMESTAMP", target="TIMESTAMP", check=Check.TIMESTAMP)
ORDERS = TableSchema(
    schema="public", name="orders", key=("id",), unique=(("id",),), splittable=False,
    columns=(Column(name="id", type="whole number", base_type="bigint", nullable=False, carriage=BIGINT),
             Column(name="note", type="words", base_type="text", carriage=TEXT),
             Column(name="updated_at", type="instant", base_type="timestamptz", nullable=False, carriage=INSTANT)),
)  # fmt: skip


@dataclass
class Transaction:
    """What it wrote is seen once it has ended. ``number`` is its id, in the order of beginnings."""

    number: int
    since: datetime
    writes: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    ended: bool = False


@dataclass
class ToyDatabase:
    """Transactions in the order in which they began; ``life`` is another after each restore from a backup."""

    clock: datetime = datetime(2026, 11, 1, tzinfo=UTC)
    transactions: list[Transaction] = field(default_factory=list)
    life: str = "first"

    def begin(self) -> Transaction:
        """A transaction that is open until it is ``ended``."""
        self.transactions.append(Transaction(number=len(self.transactions), since=self.clock))
        return self.transactions[-1]

    def write(self, key: int, note: str) -> None:
        """A row written and committed now."""
        transaction = self.begin()
        transaction.writes[key] = (note, self.clock)
        transaction.ended = True


@dataclass(kw_only=True)
class ToyReading:
    """Implements :class:`~floodmark.core.ports.Reading`. ``stages`` makes it stage by itself."""

    schema: TableSchema = ORDERS
    snapshot: Snapshot
    leaves: tuple[Leaf, ...] = ()
    catalog: tuple[Any, ...] = ()
    assumptions: tuple[str, ...] = ()
    exporter: None = None
    stages: bool
    selection: Selection
    rows_seen: dict[int, tuple[int, str, datetime]]

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        return f"rows of {'all time' if spans is None else ', '.join(str(span.interval) for span in spans)}"

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> ArrowRows:
        values = [
            {"id": key, "note": note, "updated_at": at}
            for key, (number, note, at) in sorted(self.rows_seen.items())
            if spans is None or any(_wanted(span, number, at) for span in spans)
        ]
        types = {"id": pa.int64(), "note": pa.string(), "updated_at": INSTANTS}
        batches = iter([pa.RecordBatch.from_pylist(values, schema=pa.schema(types))] if values else [])
        ways = {name: self.schema.column(name).carriage for name in self.selection.columns}
        return ArrowRows(batches, ways, read_at=read_at, table="orders", key=self.selection.key, moment="updated_at")

    def staged(self, name: str, stage: Any, spans: Any, read_at: datetime, part: Part | None = None) -> Manifest | None:
        return stage().write(f"{name}-by-itself.parquet", self.rows(spans, read_at)) if self.stages else None

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        return ()

    def counts(self) -> tuple[int, int]:
        return (0, 0)

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        return tuple(sum(_wanted(span, number, at) for number, _, at in self.rows_seen.values()) for span in spans)

    def census(self, scope: Any) -> Any:
        return Census(settled=len(self.rows_seen))

    def comparison(self, scope: Any) -> Comparison:
        raise SourceRefused("a toy is not compared")

    def durable(self) -> bool:
        return True


def _wanted(span: Span, number: int, at: datetime) -> bool:
    return span.interval.low <= at < span.interval.high and (span.base is None or number >= span.base)


@dataclass
class ToySource:
    """Implements :class:`~floodmark.core.ports.Source`."""

    database: ToyDatabase
    stages: bool = False

    def look(self, before: Seen | None = None) -> Look:
        holders = (OpenTransaction(pid=one.number, backend_start=None, since=one.since) for one in self._open())
        return Look(clock=self.database.clock, open_transactions=tuple(holders), server="toy")

    def describe(self, schema: str, name: str, **_: object) -> TableSchema:
        return replace(ORDERS, name=name)

    @contextmanager
    def open(self, selection: Selection, last: Snapshot | None = None) -> Iterator[ToyReading]:
        every = self.database.transactions
        rows = {key: (one.number, *row) for one in every if one.ended for key, row in one.writes.items()}
        base = min((one.number for one in self._open()), default=len(every))
        snapshot = Snapshot(base=base, server="toy", place={"life": self.database.life})
        yield ToyReading(snapshot=snapshot, selection=selection, rows_seen=rows, stages=self.stages)

    def history(self, before: Snapshot, this: Snapshot) -> History:
        return History(voided="" if before.place == this.place else "it was restored from a backup")

    def until_exported(self, request: object) -> None: ...

    def close(self) -> None: ...

    def _open(self) -> list[Transaction]:
        return [one for one in self.database.transactions if not one.ended]
