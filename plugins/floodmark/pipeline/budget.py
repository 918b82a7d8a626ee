"""A source's budget for one run and for one day (R20): asked before anything is billed that has to come whole.

Free to ask: dry runs, and the heads of the source's tables and summaries. Those that work side by side may go over it
together by what each has under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from floodmark.core.bigquery.merge import Merge
from floodmark.core.bigquery.price import billed
from floodmark.core.ledger.step import Question
from floodmark.errors import BudgetReached
from floodmark.pipeline.clock import now
from floodmark.pipeline.table_run import TableRun, TargetRun


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A statement that is to be run, with its parameters."""

    statement: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def afford(run: TableRun, merge: Merge, statements: Iterable[Wanted]) -> None:
    """Raise ``BudgetReached`` where these together, between raw and current, would bill more than is left."""
    require_left(run, lambda: sum(_bytes(run, merge, one) for one in statements))


def require_left(
    run: TargetRun, wanting: Callable[[], int], left: str = "nothing of it was done, and it goes on by itself"
) -> None:
    """Raise ``BudgetReached`` where more would be billed than is left; ``left`` says what becomes of it then.

    ``wanting`` gives the bytes that it would bill: it is called only where there is a budget.
    """
    budget = run.config.bigquery.budget
    if budget.run is None and budget.day is None:
        return
    wanted = wanting()
    limits = (("day", budget.day, "tomorrow (UTC)"), ("run", budget.run, "with the next run"))
    spent = _spent(run, run.meter.run_id)
    for span, most, until in limits:
        if most is not None and wanted and spent[span] + wanted > most:
            raise BudgetReached(
                f"{run.target}: the budget of a {span} of source {run.config.source} is reached: {spent[span]:,} bytes "
                f"are billed, this would bill {wanted:,} more, bigquery.budget.{span} in {run.file} is {most:,}; "
                f"{left} {until}, or once that allows more; see: {run.spent_shown}"
            )


def _bytes(run: TableRun, merge: Merge, wanted: Wanted) -> int:
    labels = run.labels(Question.PLAN)
    processed = run.ports.warehouse.dry_run(wanted.statement, wanted.parameters, labels=labels)
    named = sum(table in wanted.statement for table in (merge.raw, merge.current))
    return billed(processed, named)


def _spent(run: TargetRun, run_id: str) -> Mapping[str, int]:
    """What all tables and summaries of the source billed today, and for this run."""
    place, today = run.config.bigquery, now().astimezone(UTC).date()
    targets = {*map(place.current_table, run.config.tables.values()), *run.summaries()}
    accounts = [head.spending for head in run.ports.ledger.heads(sorted(targets))]
    pending = sum(bill.bytes for bill in run.meter.pending.values())
    return {
        "day": pending + sum(account.on(today) for account in accounts),
        "run": pending + sum(account.of(run_id) for account in accounts),
    }
