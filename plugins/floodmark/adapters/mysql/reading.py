"""A table of MySQL held still, in one snapshot (R1, R2): what is asked of it there, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from floodmark.adapters.arrow.comparing import ComparedRows, RowJudge
from floodmark.adapters.arrow.rows import ArrowRows, selected
from floodmark.adapters.mysql import shards
from floodmark.adapters.mysql.comparison import MySQLComparison
from floodmark.adapters.mysql.connect import rows
from floodmark.adapters.mysql.csv_lines import CsvLines
from floodmark.adapters.mysql.query import Query
from floodmark.adapters.mysql.quote import name
from floodmark.adapters.mysql.reader import Reader, key_texts
from floodmark.adapters.mysql.selected import carriages
from floodmark.adapters.mysql.zones import refuse_other_rules
from floodmark.adapters.pace import Pace
from floodmark.adapters.several_readers import Share, write
from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import Leaf, Snapshot
from floodmark.core.ports import Stage
from floodmark.core.reconcile import Scope
from floodmark.core.schema import TableSchema
from floodmark.core.time.interval import Interval


@dataclass(kw_only=True)
class MySQLReading:
    """Implements :class:`~floodmark.core.ports.Reading`. ``assumptions`` are what this server kept to itself (R7)."""

    schema: TableSchema
    snapshot: Snapshot
    leaves: tuple[Leaf, ...]
    catalog: tuple[CatalogPart, ...] = ()
    assumptions: tuple[str, ...] = ()
    exporter: None = None
    _query: Query = field(repr=False)
    _holder: Any = field(repr=False)
    _reader: Reader = field(repr=False)
    _readers: tuple[Reader, ...] = field(repr=False)
    _pace: Pace = field(repr=False)
    _durable: Callable[[], bool] = field(default=lambda: True, repr=False)

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        """The text that :meth:`rows` runs. Raises ``SourceRefused`` for a zone of other rules than ours (R35)."""
        self._refuse_other_rules(spans or ())
        return self._query.rows(spans, part)

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> ArrowRows:
        """Read; the rows of an earlier call end. Raises ``SourceUnavailable``, ``SourceChanged``, ``BadValue``."""
        flagged = spans is not None and self._query.flags_leaving
        return self._arrow_rows(
            self.query(spans, read_at, part),
            read_at,
            leaving=spans is not None and bool(self._query.selection.key),
            flagged=flagged,
            digested=spans is None and part is None,
            verify=self._query.selection.verify,
            recheck=[span.interval for span in spans or () if span.recheck],
        )

    def staged(
        self,
        name: str,
        stage: Callable[[], Stage],
        spans: Sequence[Span] | None,
        read_at: datetime,
        part: Part | None = None,
    ) -> Manifest | None:
        """The whole table, or a part of it, by all readers that took their snapshots together.

        None: one reader's rows are handed over.
        """
        if len(self._readers) < 2 or spans is not None:
            return None
        self._refuse_other_rules(())
        most = len(self._readers)
        if part is None:
            along, parts = shards.stretches(self._reader, self._query, Part(since=read_at), most)
        else:
            along, parts = (), shards.of_part(self._reader, self._query, part, most)
        if len(parts) < 2:
            return None
        rows = partial(
            self._landing,
            read_at=read_at,
            leaving=False,
            flagged=False,
            digested=part is None,
            verify=self._query.selection.verify,
            recheck=(),
        )
        started = [
            Share(
                batches=self._batches(self._query.whole(one, along), reader=reader),
                rows=rows,
                cancel=reader.cancel,
            )
            for reader, one in zip(self._readers, parts, strict=False)
        ]
        return write(stage(), name, started)

    def census(self, scope: Scope) -> Census:
        """All selected rows of this snapshot, by class (R36)."""
        self._refuse_other_rules(())
        [(now,)] = self._reader.rows("SELECT UTC_TIMESTAMP(6)")
        return self._compared(self._judge(scope)).census(now.replace(tzinfo=UTC))

    def comparison(self, scope: Scope) -> MySQLComparison:
        """Its keys and rows by hash, in this snapshot (R25)."""
        self._refuse_other_rules(())
        judge = self._judge(scope)
        return MySQLComparison(
            scope=scope,
            _query=self._query,
            _reader=self._reader,
            _judge=judge,
            _compared=lambda: self._compared(judge),
            _healing=self._healing,
        )

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        """The key, as texts, of the row that comes ``rows`` after ``low``; empty where there are fewer (R24)."""
        found = self._reader.rows(self._query.part_end(low, rows))
        return key_texts(found[0]) if found else ()

    def counts(self) -> tuple[int, int]:
        """Rows whose cursor is null or no day, and rows whose cursor lies in the future, in this snapshot (R22)."""
        if not self._query.selection.cursor:
            return (0, 0)
        self._refuse_other_rules(())
        [(timeless, future)] = self._reader.rows(self._query.counts())
        return (int(timeless), int(future))

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        """For each span, how many rows it would read, in this snapshot (R21)."""
        if not spans:
            return ()
        self._refuse_other_rules(spans)
        [counts] = self._reader.rows(self._query.fresh(spans))
        return tuple(int(count) for count in counts)

    def durable(self) -> bool:
        """Whether all that the snapshot saw is on disk (R3)."""
        return self._durable()

    def _refuse_other_rules(self, spans: Sequence[Span]) -> None:
        selection = self._query.selection
        now = datetime.now(UTC)
        around = Interval(low=now - timedelta(days=366), high=now)
        refuse_other_rules(self._holder, selection, self.schema, spans, around)

    def _compared(self, judge: RowJudge) -> ComparedRows:
        return ComparedRows(self._batches(self._query.every()), judge)

    def _judge(self, scope: Scope) -> RowJudge:
        selection = self._query.selection
        return RowJudge(
            carriages(selection, self.schema),
            scope,
            key=selection.all_in_target(selection.key),
            timed=bool(selection.cursor),
            bad_values=selection.bad_values,
            rigid=selection.all_in_target((*selection.key, selection.partition_by, selection.soft)),
            days=any(self.schema.column(column).base_type == "date" for column in selection.cursor),
            zoned=selection.timezone != "UTC",
        )

    def _healing(self, statement: str, read_at: datetime, wanted: Any) -> ArrowRows:
        batches = (wanted(batch) for batch in self._batches(statement))
        return self._landing(batches, read_at=read_at, leaving=True, digested=False, recheck=())

    def _arrow_rows(self, statement: str, read_at: datetime, *, flagged: bool, **told: Any) -> ArrowRows:
        return self._landing(self._batches(statement, flagged=flagged), read_at=read_at, flagged=flagged, **told)

    def _batches(self, statement: str, *, flagged: bool = False, reader: Reader | None = None) -> Any:
        """The statement runs when this returns, so that it has its own locks before the holder is asked."""
        lines = self._pace.kept((reader or self._reader).lines(statement), lambda block: len(block.text))
        self._still_held()
        selection = self._query.selection
        table = f"{name(selection.schema)}.{name(selection.name)}"
        found = CsvLines(carriages(selection, self.schema), flagged=flagged, table=table, columns=selection.columns)
        return found.batches(lines)

    def _still_held(self) -> None:
        """A statement that runs has its own locks; if the holder lost its own before, the table may have changed."""
        rows(self._holder, "SELECT 1", "the connection that held the table still was lost")

    def _landing(self, batches: Any, **told: Any) -> ArrowRows:
        selection = self._query.selection
        return selected(selection, batches, carriages(selection, self.schema), **told)
