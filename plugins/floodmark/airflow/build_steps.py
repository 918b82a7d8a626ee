"""What the tasks of summaries do, wired by Airflow's connections. Imported only inside ``execute``."""

from __future__ import annotations

import logging
from datetime import datetime

from floodmark.adapters import summary_files
from floodmark.airflow import ledger_place
from floodmark.airflow.connections import AirflowConnections
from floodmark.airflow.work import Context, Work, holder, run_id
from floodmark.core.bigquery.summary_sql import LAST
from floodmark.core.config import parsers
from floodmark.core.refused import Refused
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline import wiring
from floodmark.pipeline.summaries.build import build as build_summary
from floodmark.pipeline.summaries.run import BuildOutcome, BuildRequest
from floodmark.pipeline.summaries.touched import check as check_summary
from floodmark.pipeline.table_run import closing

log = logging.getLogger(__name__)


def build(work: Work, name: str, context: Context, *, asked: bool) -> BuildOutcome:
    """Build one summary, as its file is by now; what became of it."""
    ledger_place.require(work.config, work.file.name)
    request = BuildRequest(run_id=run_id(context), asked=asked, window=_window(context))
    with closing(wiring.ports(work.config, AirflowConnections())) as ports:
        found = _summary(work, name)
        run = wiring.summary_run(work.config, work.file, found, ports, holder=holder(context), named=work.named)
        outcome = build_summary(run, request)
    said = f"{outcome.rows} rows" if outcome.changed else outcome.why or "nothing that it reads has changed"
    log.info("%s: %s, %s; from what is sealed up to: %s", outcome.target, outcome.state, said, outcome.inputs)
    return outcome


def check(work: Work, found: ResolvedSummary, context: Context) -> bool:
    """Whether a summary was looked at, and is as its newest build left it. Raises ``TargetTouched``."""
    ledger_place.require(work.config, work.file.name)
    with closing(wiring.ports(work.config, AirflowConnections())) as ports:
        run = wiring.summary_run(work.config, work.file, found, ports, holder=holder(context), named=work.named)
        return check_summary(run)


def usable(work: Work) -> tuple[ResolvedSummary, ...]:
    """The summaries that can be used; what is wrong with others is told by their own DAG."""
    return summary_files.load(work.file, work.config)[0]


def _summary(work: Work, name: str) -> ResolvedSummary:
    resolved = {one.summary.name: one for one in summary_files.require(work.file, work.config)}
    if name not in resolved:
        message, remedy = "was taken out while this run was under way", "put it back, or mark the task as a success"
        file = f"{summary_files.FOLDER}/{name}.sql"
        raise ConfigurationError([Problem(file=file, path="", message=message, remedy=remedy)])
    return resolved[name]


def _window(context: Context) -> Interval | None:
    params = context["params"]
    low, high = (_moment(name, params.get(name)) for name in ("start", "end"))
    if low is None and high is None:
        return None
    if low is None or low >= (high or LAST):
        message = "there is no start" if low is None else f"{low.isoformat()} is not before the end"
        raise ConfigurationError([Problem(file="run", path="params", message=message, remedy="give both, in order")])
    return Interval(low=low, high=high or LAST)


def _moment(name: str, text: object) -> datetime | None:
    if text is None:
        return None
    try:
        return parsers.instant(text)
    except Refused as refused:
        message = f'"{text}" {refused.message}'
        problem = Problem(file="run", path=f"params.{name}", message=message, remedy=refused.remedy)
        raise ConfigurationError([problem]) from None
