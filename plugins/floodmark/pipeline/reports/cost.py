"""What BigQuery billed, from the ledger's own account (R20): by table, step and day. Nothing else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from floodmark.core.config.source import SourceConfig
from floodmark.core.config.summary import Summary
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.spending import Bill
from floodmark.core.ports import Ledger


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one step of one table billed on one day (UTC)."""

    table: str
    step: str
    day: date
    bill: Bill


def costs(
    config: SourceConfig, tables: Iterable[TableConfig], ledger: Ledger, since: date, summaries: Iterable[Summary] = ()
) -> tuple[Cost, ...]:
    """Every bill from ``since`` on, by table, day and step."""
    place = config.bigquery
    targets = {table.name: place.current_table(table) for table in tables}
    targets |= {summary.name: place.summary_table(summary.name) for summary in summaries}
    return tuple(
        Cost(table=name, step=spent.step, day=spent.day, bill=spent.bill)
        for name, target in targets.items()
        for spent in ledger.head(target).spending.days
        if spent.day >= since
    )


def summed(found: Iterable[Cost], key: Callable[[Cost], Any]) -> dict[Any, Bill]:
    """Together by ``key``, the dear ones first."""
    sums: dict[Any, Bill] = {}
    for cost in found:
        sums[key(cost)] = sums.get(key(cost), Bill()) + cost.bill
    return dict(sorted(sums.items(), key=lambda item: -item[1].bytes))
