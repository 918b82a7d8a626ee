"""The page of a run, kept in its XComs: the web server shows it from there, and needs no ledger, file or connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floodmark.airflow.work import Context

if TYPE_CHECKING:
    from floodmark.pipeline.report import Report

KEY = "floodmark_page"


def keep(context: Context, report: Report) -> None:
    """Before the task says that tables need somebody: what a task returns is lost where it fails."""
    from floodmark.pipeline.page import kept

    context["ti"].xcom_push(key=KEY, value=kept.keep(report.page, report.uri).document())
