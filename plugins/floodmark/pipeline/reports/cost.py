"""What BigQuery billed, from the ledger's own account (R20): by table, step and day. Nothing else is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.spending import Bill
from floodmark.core.ports import Ledger
from floodmark.pipeline.reports.left_behind import left_behind


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one step of one table billed on one day (UTC)."""

    table: str
    step: str
    day: date
    bill: Bill


def costs(
    config: SourceConfig, tables: Iterable[TableConfig], ledger: Ledger, since: date, *, others: bool = False
) -> tuple[Cost, ...]:
    """Every bill from ``since`` on, by table, day and step.

    ``others``: of all else that the source has filled, too: its summaries, whatever is wrong in their files by now, and
    what was taken out of its file.
    """
    place = config.bigquery
    named = [(table.name, place.current_table(table)) for table in tables]
    if others:
        filled = set(map(place.current_table, config.tables.values()))
        found = left_behind(config, ledger, filled)
        named += [(one.name, one.target) for one in found if one.is_of(config.source)]
    return tuple(
        Cost(table=name, step=spent.step, day=spent.day, bill=spent.bill)
        for name, target in named
        for spent in ledger.head(target).spending.days
        if spent.day >= since
    )


def summed(found: Iterable[Cost], key: Callable[[Cost], Any]) -> dict[Any, Bill]:
    """Together by ``key``, the dear ones first."""
    sums: dict[Any, Bill] = {}
    for cost in found:
        sums[key(cost)] = sums.get(key(cost), Bill()) + cost.bill
    return dict(sorted(sums.items(), key=lambda item: -item[1].bytes))
