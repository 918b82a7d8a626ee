"""What the tasks do that look after a source: its stage, its keys, its balance and its report. Imported in ``execute``.

Apart from :mod:`floodmark.airflow.steps`, since the task of an idle table needs none of it.
"""

from __future__ import annotations

import logging
from functools import partial

from floodmark.adapters import summary_files
from floodmark.adapters.summary_files import FOLDER as SUMMARIES
from floodmark.airflow import build_steps, ledger_place
from floodmark.airflow.connections import AirflowConnections
from floodmark.airflow.side_by_side import each
from floodmark.airflow.steps import wired
from floodmark.airflow.work import Context, Work
from floodmark.errors import FloodmarkError, Unbalanced
from floodmark.pipeline import wiring
from floodmark.pipeline.balance import balance as balance_table
from floodmark.pipeline.check_keys import check_keys as check_whole
from floodmark.pipeline.clock import now
from floodmark.pipeline.hand_on import hand_on as write_tables
from floodmark.pipeline.repairs.sweep import sweep as sweep_stage
from floodmark.pipeline.report import Report
from floodmark.pipeline.report import report as write_report
from floodmark.pipeline.reports import balance as balances
from floodmark.pipeline.reports.summaries import statuses as summary_statuses
from floodmark.pipeline.reports.summaries import unusable
from floodmark.pipeline.table_run import closing

log = logging.getLogger(__name__)


def sweep(work: Work) -> int:
    """Delete the source's old files from the stage; how many."""
    ledger_place.require(work.config, work.file.name)
    with closing(wiring.ports(work.config, AirflowConnections())) as ports:
        return sweep_stage(work.config, ports, now())


def check_keys(work: Work, tables: tuple[str, ...], context: Context) -> list[str]:
    """Look for doubled keys in whole tables; those that were looked through."""
    looked = each(tables, partial(_check_keys, work, context))
    return [name for name, was_looked_through in looked.items() if was_looked_through]


def balance(work: Work, tables: tuple[str, ...], context: Context) -> list[str]:
    """Count and compare both ends of every table, and see that nobody else changed a summary; what was looked at."""
    summaries = {f"{SUMMARIES}/{one.summary.name}": one for one in build_steps.usable(work)}

    def look(name: str) -> bool:
        if name in summaries:
            return build_steps.check(work, summaries[name], context)
        return _balance(work, context, name)

    looked = each((*tables, *summaries), look)
    return [name for name, was_looked_at in looked.items() if was_looked_at]


def _balance(work: Work, context: Context, name: str) -> bool:
    with wired(work, name, context) as run:
        balanced = balance_table(run, daily=True)
        if not balanced.well:
            faults = balances.faults(
                run.table, run.ports.ledger.head(run.target), now(), run.named or run.config.source
            )
            raise Unbalanced(f"{run.target} does not balance: {'; '.join(faults)}")
        return not balanced.left_alone


def _check_keys(work: Work, context: Context, name: str) -> bool:
    with wired(work, name, context) as run:
        return bool(check_whole(run))


def hand_on(work: Work, report: Report, run_id: str) -> FloodmarkError | None:
    """Where its tables stand, in BigQuery; why that could not be written, if it couldn't."""
    page = report.page
    with closing(wiring.ports(work.config, AirflowConnections())) as ports:
        try:
            write_tables(work.config, ports, report.tables, page.summaries, now=page.now, run_id=run_id)
        except FloodmarkError as error:
            log.warning("_floodmark_tables is as it was: %s", error)
            return error
    return None


def report(work: Work) -> Report:
    """The source's page and where its tables stand, in the bucket."""
    ledger_place.require(work.config, work.file.name)
    built, problems = summary_files.load(work.file, work.config)
    with closing(wiring.ports(work.config, AirflowConnections())) as ports:
        summaries = summary_statuses(work.config, built, ports.ledger)
        summaries += unusable(work.config, problems, ports.ledger, summaries)
        return write_report(work.config, ports, now(), named=work.named, summaries=summaries)
