"""What the operators' tasks do, table by table: the pipeline's steps, wired by Airflow's connections.

Imported only inside ``execute``: parsing a DAG file needs none of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from floodmark.airflow import failures, ledger_place
from floodmark.airflow.connections import AirflowConnections
from floodmark.airflow.interval import interval_of
from floodmark.airflow.side_by_side import each
from floodmark.airflow.work import Context, Work, holder, requester, retried_since, run_id
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read, State
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline import wiring
from floodmark.pipeline.extract import extract as extract_table
from floodmark.pipeline.load import load as load_table
from floodmark.pipeline.outcome import Outcome, outcome
from floodmark.pipeline.reconcile import reconcile as reconcile_table
from floodmark.pipeline.table_run import Ports, Request, TableRun, closing

log = logging.getLogger(__name__)

_OF_OTHER_RUNS = 20
"""So many reads of a table may have been applied since a task's own; beyond that it reads again, which does no harm."""


def extract(work: Work, tables: tuple[str, ...], context: Context) -> dict[str, Outcome]:
    """Source to stage, of every table whose start the run's interval has reached; what became of each."""
    slice_ = interval_of(context["dag_run"], work.cadence) if work.kind is Kind.SLICE else None
    return each(begun(work, tables, slice_), partial(_extract, work, context, slice_))


def begun(work: Work, tables: tuple[str, ...], slice_: Interval | None) -> tuple[str, ...]:
    """The tables whose start a run's interval has reached; all of them in a run without one."""
    return tuple(name for name in tables if slice_ is None or slice_.high > _start(work, name))


def _start(work: Work, name: str) -> datetime:
    """From when a table is read; of one that was taken out, which is then named, from ever."""
    return work.config.tables[name].start if name in work.config.tables else datetime.min.replace(tzinfo=UTC)


def load(work: Work, outcomes: Mapping[str, Mapping[str, Any]], context: Context) -> dict[str, Outcome]:
    """Stage to current, of every table of which ``extract`` left something to load."""
    return each(tuple(outcomes), partial(_load, work, context, outcomes))


def _extract(work: Work, context: Context, slice_: Interval | None, name: str) -> Outcome:
    with wired(work, name, context) as run:
        return extract_one(run, work, context, slice_, retried_since(context))


def extract_one(
    run: TableRun,
    work: Work,
    context: Context,
    slice_: Interval | None,
    since: datetime | None,
    *,
    ready: Callable[[], None] | None = None,
) -> Outcome:
    """Source to stage of one table, for a run of this interval that has read it ``since`` then, or not yet.

    With ``ready`` on to current, but for a reconcile (:func:`floodmark.pipeline.extract.extract`).
    """
    if work.kind is Kind.RECONCILE:
        return _reconcile(run, Request(kind=work.kind, run_id=run_id(context)), since)
    low = max(slice_.low, run.start) if slice_ else run.start
    interval = Interval(low=low, high=slice_.high) if slice_ else None
    request = Request(kind=work.kind, run_id=run_id(context), interval=interval, by=requester(context))
    return told(_done_already(run, request, since) or extract_table(run, request, ready))


def _reconcile(run: TableRun, request: Request, since: datetime | None) -> Outcome:
    """What differs, staged to be healed (R25)."""
    if outcome_before := _done_already(run, request, since):
        return told(outcome_before)
    reconciliation = reconcile_table(run, request.run_id, heal=True)
    became = reconciliation.outcome or Outcome(table=reconciliation.table, target=reconciliation.target)
    return told(replace(became, reconciled=reconciliation.document()))


def _load(work: Work, context: Context, outcomes: Mapping[str, Mapping[str, Any]], name: str) -> Outcome:
    with wired(work, name, context) as run:
        return told(load_table(run, outcomes[name]["read_at"]))


def pending(told: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Of what ``extract`` told, the tables that it left something to load of."""
    return {name: document for name, document in told.items() if Outcome(**document).pending}


@contextmanager
def wired(work: Work, name: str, context: Context) -> Iterator[TableRun]:
    """One table with its ports, which are closed at the end. What fails is logged."""
    with failures.told(work, name, context), closing(open_ports(work)) as ports:
        yield table_run(work, name, context, ports)


def open_ports(work: Work) -> Ports:
    """The source's, by Airflow's connections. Raises ``ConfigurationError`` where the ledger can't be shared."""
    ledger_place.require(work.config, work.file.name)
    return wiring.ports(work.config, AirflowConnections())


def table_run(work: Work, name: str, context: Context, ports: Ports) -> TableRun:
    """One table, for a task. Raises ``ConfigurationError`` for one that was taken out while its run was under way."""
    if name not in work.config.tables:
        message, remedy = "was taken out while this run was under way", "put it back, or mark the task as a success"
        raise ConfigurationError([Problem(file=work.file.name, path=f"tables.{name}", message=message, remedy=remedy)])
    table = work.table(name)
    return wiring.table_run(work.config, work.file, table, ports, holder=holder(context), named=work.named)


def _done_already(run: TableRun, request: Request, since: datetime | None) -> Outcome | None:
    """What this very task achieved for this table ``since`` then, where nothing of it is left to do (R16).

    Other runs may have read it since, too.
    """
    if since is None:
        return None
    head = run.seen or run.ports.ledger.head(run.target)
    if head.open is not None and head.open.run_id == request.run_id:
        return None
    if head.last is None or head.last.began_at is None or head.last.began_at < since:
        return None
    own = head.last if head.last.run_id == request.run_id else _newest_of(run, request.run_id)
    if own is None or own.began_at is None or own.began_at < since or own.portion.continues:
        return None
    log.info("%s: read by an earlier try, at %s", run.target, own.read_at.isoformat())
    return outcome(run.table, head, own)


def _newest_of(run: TableRun, run_id: str) -> Read | None:
    """The newest read of a run that was applied, among the newest of the table."""
    reads = reversed(run.ports.ledger.reads(run.target, newest=_OF_OTHER_RUNS))
    return next((read for read in reads if read.run_id == run_id and read.state is State.APPLIED), None)


def told(outcome: Outcome) -> Outcome:
    """It, said in the task's log."""
    if outcome.reconciled:
        log.info("%s: reconciled: %s", outcome.target, outcome.reconciled)
        return outcome
    said = f"{outcome.rows} rows, {outcome.bytes} bytes, {outcome.state}" if outcome.read_at else "nothing to read"
    held = f", held back by {outcome.held_by}" if outcome.held_by else ""
    log.info("%s: %s; %s%s", outcome.target, said, outcome.stands, held)
    return outcome
