"""Current's rows, counted by the classes that it can tell by itself (R36)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from floodmark.core.bigquery import balance_sql
from floodmark.core.bigquery.merge import SoftMode
from floodmark.core.bigquery.tables import DELETED
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.reconcile import Scope
from floodmark.pipeline.table_run import TableRun

CLASSES = ("rows", "early", "timeless", "sealed", "untimely", "misflagged")


def may_hold_more(table: TableConfig, head: Head) -> bool:
    """Whether rows of current that the source has no more are no fault.

    They are one of a table that is read whole, and where the source is said to mark what it deletes.
    """
    deletes = table.deletes
    return bool(head.coverage) and not (deletes.how == "soft" and SoftMode(deletes.mode) is SoftMode.REMOVE)


def question(run: TableRun, head: Head, there: Collection[str] | None = None) -> str:
    """The question for current's rows by the classes that it can tell.

    ``there`` are its columns by name, as it stands; None: all that it should have.
    """
    deletes, last = run.table.deletes, head.last
    flags = deletes.how == "soft" and SoftMode(deletes.mode) is SoftMode.FLAG and deletes.soft
    soft = run.table.in_target(deletes.soft) if flags and deletes.soft else ""
    kinds = {column.name: column.target for column in last.columns} if last else {}
    return balance_sql.extent(
        run.target, run.start, coverages.sealed(head.coverage), last=last.read_at if last else run.start,
        soft=soft if soft in kinds and (there is None or soft in there) else "", boolean=kinds.get(soft) == "BOOL",
        flagged=there is None or DELETED in there,
    )  # fmt: skip


def standing(scope: Scope, extent: Mapping[str, int], *, days: bool) -> int:
    """Current's rows that have to be those which the source has settled, or movable.

    Of a cursor that is a day, current doesn't know when it ends: there all rows with a cursor count.
    """
    early = extent["early"] if scope.early else 0
    if days:
        return extent["rows"] - extent["timeless"] - extent["early"] + early
    return extent["sealed"] + early
