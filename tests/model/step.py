"""The first task of a run, whatever it is asked for."""

from __future__ import annotations

from floodmark.core.ledger.portion import Kind
from floodmark.pipeline.extract import extract
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.reconcile import reconcile
from floodmark.pipeline.table_run import Request, TableRun


def staged(run: TableRun, request: Request) -> Outcome:
    """What a slice, a reload or a reconcile leaves to load."""
    if request.kind is not Kind.RECONCILE:
        return extract(run, request)
    found = reconcile(run, request.run_id, heal=True)
    return found.outcome or Outcome(table=found.table, target=found.target)
