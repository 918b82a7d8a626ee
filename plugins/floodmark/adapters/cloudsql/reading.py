"""A table as the look found it, and what is asked of it; its rows are exported (R1-R4).

Nothing holds the table still: what could have changed it is told afterwards, by the export itself and by its columns,
which are asked for again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from floodmark.adapters.cloudsql.asking import Asking
from floodmark.adapters.cloudsql.exporter import CloudSqlExporter
from floodmark.adapters.cloudsql.query import ExportedQuery
from floodmark.adapters.cloudsql.questions import Questions
from floodmark.adapters.cloudsql.zones import refuse_other_rules
from floodmark.adapters.postgres.history import lsn_of
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.portion import Part, Span
from floodmark.core.ledger.snapshot import Leaf, Snapshot
from floodmark.core.ports import Rows
from floodmark.core.reconcile import Scope
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceRefused

DURABLE = (0.0, 0.3, 1.0)
"""Seconds before each question whether what was seen is on disk."""


@dataclass(kw_only=True)
class CloudSqlReading:
    """Implements :class:`~floodmark.core.ports.Reading`. ``snapshot`` is the look's: the rows' own is not older."""

    schema: TableSchema
    snapshot: Snapshot
    leaves: tuple[Leaf, ...]
    catalog: tuple[CatalogPart, ...]
    assumptions: tuple[str, ...]
    exporter: CloudSqlExporter
    _query: ExportedQuery = field(repr=False)
    _asking: Asking = field(repr=False)
    _questions: Questions = field(repr=False)

    @property
    def _where(self) -> str:
        return f"{self._query.selection.schema}.{self._query.selection.name}"

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        """The export's text. Raises ``SourceRefused`` for a zone of other rules than ours (R35)."""
        refuse_other_rules(self._asking, self._query.selection, self.schema, spans or ())
        return self._query.export(spans, part)

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> Rows:
        """None: they are exported."""
        raise SourceRefused(f"{self._where}: its rows come by an export, and by nothing else")

    def staged(self, *_: Any) -> None:
        """Nothing: its rows are exported."""

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        """Nothing: a table is exported in one."""
        return ()

    def counts(self) -> tuple[int, int]:
        """Rows whose cursor is null or infinite, and rows whose cursor lies in the future (R22)."""
        if not self._query.selection.cursor:
            return (0, 0)
        [(timeless, future)] = self._ask(self._query.counts(), f"counting cursors of {self._where}")
        return (int(timeless), int(future))

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        """For each span, how many rows it would read (R21)."""
        if not spans:
            return ()
        [counts] = self._ask(self._query.fresh(spans), f"counting new rows of {self._where}")
        return tuple(int(count) for count in counts)

    def census(self, scope: Scope) -> Census:
        """All selected rows, by class, in one statement (R36)."""
        found = self._ask(self._query.compared("census", scope), f"counting {self._where}")
        return Census(**{name: int(rows) for name, rows in found})

    def comparison(self, scope: Scope) -> Any:
        """None: an export is a snapshot of its own, and a comparison needs several statements in one (R25)."""
        raise SourceRefused(
            f"{self._where}: keys and rows can't be compared by exports, each of which is a snapshot of its own; "
            "write balance: counts, and deletes: ignore or soft"
        )

    def durable(self) -> bool:
        """Whether the log is flushed up to where it stood after the snapshot (R3): the export tells, or is asked."""
        if self.exporter.durable:
            return True
        lsn = self.exporter.lsn or lsn_of(self.snapshot)
        statement = sql.render("postgres/flushed.sql", {"lsn": lsn}, quote=name, literal=literal)
        for pause in DURABLE:
            time.sleep(pause)
            [[(flushed,)]] = self._asking.ask([statement], doing="asking whether what was seen is durable")
            if flushed:
                return True
        return False

    def _ask(self, statement: str, doing: str) -> list[tuple[Any, ...]]:
        return self._questions.rows(statement, doing, hidden=self._query.hidden)
