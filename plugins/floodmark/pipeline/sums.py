"""What both ends of a table come to, range by range of its keys' hashes, and what it costs to ask (R36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from floodmark.core import balance as core
from floodmark.core import reconcile
from floodmark.core.bigquery import reconcile_sql
from floodmark.core.bigquery.merge import Merge
from floodmark.core.checksum import Sum
from floodmark.core.ledger.step import Question
from floodmark.core.ports import Comparison
from floodmark.core.reconcile import Ranges
from floodmark.errors import TooMuchInFlight
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.table_run import TableRun


@dataclass(frozen=True)
class Sums:
    """What both ends come to, of some columns, and what it costs to ask."""

    run: TableRun
    merge: Merge
    comparison: Comparison
    columns: tuple[str, ...]
    bits: int
    stretch: Ranges | None

    @property
    def keys_only(self) -> bool:
        return self.columns == self.merge.key

    def _statement(self) -> str:
        return reconcile_sql.sums(self.merge, self.columns, self.bits, keys_only=self.keys_only, stretch=self.stretch)

    @cached_property
    def bytes(self) -> int:
        """What BigQuery would process, asked for once."""
        nothing, labels = reconcile_sql.leaving_out(()), self.run.labels(Question.BALANCE)
        return self.run.ports.warehouse.dry_run(self._statement(), nothing, labels=labels)

    @property
    def every(self) -> timedelta | None:
        """How often it may be asked; None: never."""
        return core.every(self.bytes, self.run.table.reconcile_bytes)

    def both(self) -> tuple[dict[int, Sum], dict[int, Sum]]:
        """The source's sums and current's. Raises ``TooMuchInFlight``."""
        ours, loose = self.comparison.sums(self.bits, keys_only=self.keys_only, stretch=self.stretch)
        if len(loose) > reconcile.MOST_LOOSE:
            raise TooMuchInFlight(f"{len(loose):,} keys are not settled yet, more than can be left out")
        asked = reconcile_sql.leaving_out(loose)
        afford(self.run, self.merge, [Wanted(statement=self._statement(), parameters=asked)])
        return ours, reconcile_sql.sums_of(self.run.ask(Question.BALANCE, self._statement(), asked))
