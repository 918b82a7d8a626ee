"""Why the next run would be refused by its targets as they stand: before anything is read for it."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.bigquery.tables import Targets
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.errors import TargetMismatch
from floodmark.pipeline.prepare import refuse_dropped
from floodmark.pipeline.table_run import TableRun


def unfit(run: TableRun, head: Head, read: Read, both: Targets) -> Iterator[str]:
    """Of each target that another ledger or source has filled (R19), or that is gone (R17). Nothing is billed."""
    for table in (both.raw, both.current):
        try:
            if not run.ports.warehouse.ours(table):
                refuse_dropped(run, head, read, both, table)
        except TargetMismatch as error:
            yield str(error)
