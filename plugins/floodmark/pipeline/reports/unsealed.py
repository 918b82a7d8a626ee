"""Which tables are not sealed yet up to a moment, and why: what a sensor waits for. From the ledger's heads alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from floodmark.core.balance import Depth
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.watermark import Basis
from floodmark.core.ports import Ledger
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline.extent import may_hold_more
from floodmark.pipeline.reports import balance as balances


def unsealed(
    config: SourceConfig, ledger: Ledger, names: Sequence[str], up_to: datetime, *, proved: bool, balanced: bool
) -> dict[str, str]:
    """By table, why it doesn't hold up to ``up_to`` (UTC); empty where all do.

    A table without a cursor holds up to its last whole read. ``proved``: what was only assumed doesn't count.
    ``balanced``: both ends must have been counted since, and have been equal. Raises ``ConfigurationError`` for a table
    that isn't there, or whose ends are never counted.
    """
    tables = [_table(config, name, balanced) for name in names]
    heads = ledger.heads([config.bigquery.current_table(table) for table in tables])
    said = {
        table.name: _unsealed(table, head, up_to, proved) or (_unbalanced(table, head, up_to) if balanced else "")
        for table, head in zip(tables, heads, strict=True)
    }
    return {name: why for name, why in said.items() if why}


def blocked(config: SourceConfig, ledger: Ledger, names: Sequence[str]) -> dict[str, str]:
    """Which of these tables are blocked, and by what."""
    heads = ledger.heads([config.bigquery.current_table(config.tables[name]) for name in names])
    return {name: head.error for name, head in zip(names, heads, strict=True) if head.error}


def _table(config: SourceConfig, name: str, balanced: bool) -> TableConfig:
    table = config.tables.get(name)
    if table is None:
        there = f"it has: {', '.join(config.tables)}"
        raise ConfigurationError([Problem(file=config.source, path="tables", message=f'no "{name}"', remedy=there)])
    if balanced and Depth(table.balance) is Depth.NONE:
        remedy = "let it be counted, or don't wait for that"
        message = "its ends are never counted (balance: none)"
        raise ConfigurationError([Problem(file=config.source, path=f"tables.{name}", message=message, remedy=remedy)])
    return table


def _unsealed(table: TableConfig, head: Head, up_to: datetime, proved: bool) -> str:
    if head.last is not None and head.last.error:
        return f"current is not what was read: {head.last.error}"
    blocked_by = f"; blocked: {head.error}" if head.error else ""
    if not head.coverage:
        read_at = coverages.read_whole_at(head.coverage, head.last)
        return "" if read_at is not None and read_at >= up_to else f"{_read(head, read_at)}{blocked_by}"
    sealed = coverages.sealed_up_to(head.coverage, table.start)
    if sealed < up_to:
        holders = {str(one) for segment in head.coverage if segment.provisional for one in segment.held_by}
        held_by = f"; held back by {', '.join(sorted(holders))}" if holders else ""
        said = f"sealed up to {_moment(sealed)}" if sealed != table.start else "nothing of it is sealed"
        return f"{said}{held_by}{blocked_by}"
    assumed = coverages.sealed(head.coverage, Basis.ASSUMED) if proved else ()
    whole = Interval(low=table.start, high=up_to) if up_to > table.start else None
    taken = next((one for one in assumed if whole is not None and one.intersect(whole)), None)
    return f"sealed on an assumption only: {taken}" if taken else ""


def _unbalanced(table: TableConfig, head: Head, up_to: datetime) -> str:
    if not head.balance.balances(more=may_hold_more(table, head)):
        return "its rows are not those of the source"
    counted = balances.newest(head)
    if counted is None:
        return "its rows were never counted at both ends"
    return "" if counted >= up_to else f"its rows were last counted at both ends at {_moment(counted)}"


def _read(head: Head, read_at: datetime | None) -> str:
    if read_at is not None:
        return f"last read whole at {_moment(read_at)}"
    return "not read to its end" if head.last else "never read"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
