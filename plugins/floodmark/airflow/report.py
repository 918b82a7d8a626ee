"""The last task of each run: the source's page, its progress as an asset and as gauges, and one verdict for all."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AssetAlias, BaseOperator

from floodmark.airflow.compat.assets import progressed
from floodmark.airflow.interval import run_type
from floodmark.airflow.kept_page import keep
from floodmark.airflow.run_document import of_run
from floodmark.airflow.waiting import verdicts
from floodmark.airflow.work import Context, Work, run_id

if TYPE_CHECKING:
    from floodmark.pipeline.report import Report
    from floodmark.pipeline.reports.status import TableStatus

log = logging.getLogger(__name__)

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


class ReportOperator(BaseOperator):
    """Runs whatever became of the tables, and changes nothing of it: a run's state is that of its tables.

    It fails, once for the whole source and without a retry, where ``alert: fail`` and tables are blocked, stale or
    unbalanced; but for the runs of a backfill, each of which would.
    """

    ui_color = "#f3e8fd"

    def __init__(self, *, work: Work, alias: AssetAlias, **kwargs: Any) -> None:
        super().__init__(outlets=[alias], **kwargs)
        self.work = work
        self.alias = alias

    def execute(self, context: Context) -> dict[str, Any]:
        """Write the page; where it lies, and what it says first."""
        from floodmark.airflow import upkeep_steps
        from floodmark.pipeline.report import TablesNeedSomebody

        with verdicts():
            work = of_run(self.work, context)
            report = upkeep_steps.report(work)
            keep(context, report)
            gauge(work.config.source, report)
            progressed(context, self.alias, work.config.source, {**progress(report), "by_table": by_table(report)})
            unwritten = upkeep_steps.hand_on(work, report, run_id(context))
            alert = work.config.alert
            if alert == "fail" and run_type(context["dag_run"]).startswith("backfill"):
                alert = "log"
            if report.alarm and alert == "fail":
                raise TablesNeedSomebody(report.alarm)
            if unwritten is not None:
                raise unwritten
        if report.alarm and alert == "log":
            log.warning("%s", report.alarm)
        return {"page": report.uri, **progress(report)}


def progress(report: Report) -> dict[str, Any]:
    """How far the source is, as plain values: the seal of the tables that need nobody, and sums over all of them."""
    tables = report.tables
    return {
        "sealed_until": _iso(report.page.trusted),
        "basis": "assumed" if any(table.assumed for table in tables) else "proved",
        "rows": sum(table.rows for table in tables),
        "late": sum(table.late for table in tables),
        "held_out": sum(table.quarantined for table in tables),
        "tables": len(tables),
        "need_somebody": report.page.ill,
    }


def by_table(report: Report) -> dict[str, dict[str, Any]]:
    """How far each table is, by its name, as plain values; ``as_of`` is that of a table without a cursor, too."""
    return {
        table.table: {
            "sealed_until": _iso(table.sealed_up_to),
            "basis": ("assumed" if table.assumed else "proved") if table.sealed_up_to else None,
            "as_of": _iso(table.as_of),
            "rows": table.rows,
            "late": table.late,
            "held_out": table.quarantined,
            "well": table.well,
        }
        for table in report.tables
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def gauge(source: str, report: Report) -> None:
    """Airflow's own metrics, wherever they go. Source and table are part of the name: plain StatsD has no tags."""
    from airflow.providers.common.compat.sdk import Stats

    for table in report.tables:
        for what, value in _gauges(table, report.page.now):
            Stats.gauge(f"floodmark.{what}.{_named(source)}.{_named(table.table)}", value)


def _gauges(table: TableStatus, now: datetime) -> Iterator[tuple[str, float]]:
    """Lengths in seconds."""
    if table.lag is not None:
        yield "lag", table.lag.total_seconds()
    if table.sealed_up_to is not None:
        yield "seal_lag", (now - table.sealed_up_to).total_seconds()
    yield "rows", table.rows
    yield "late", table.late
    yield "held_out", table.quarantined
    yield "blocked", int(bool(table.error))
    yield "unbalanced", int(table.unbalanced)


def _named(name: str) -> str:
    return _NOT_IN_A_NAME.sub("_", name)
