"""Build a summary: aside, checked, put in its place in one statement (R14-R17). The table stands until then.

As with a table's read, any holder of the lease may go on with what another began: the ledger has all that is needed.
A build that fails for good is void; the next one is another, with another table aside and other jobs.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from floodmark.core.bigquery import jobs, summary_sql
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.built import Built, Input
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Question, Step
from floodmark.core.ports import Job, TargetTable
from floodmark.core.refused import Refused
from floodmark.core.resolve.googlesql_text import parameters_named
from floodmark.errors import BudgetReached, FatalError, RetriableError, SummaryRefused, reason
from floodmark.pipeline.clock import now
from floodmark.pipeline.effects import carry_out, change, settle
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.standing import told
from floodmark.pipeline.summaries.afford import afford_query, afford_rest
from floodmark.pipeline.summaries.checks import require_sound
from floodmark.pipeline.summaries.decide import inputs_of, is_current, window_of
from floodmark.pipeline.summaries.run import BuildOutcome, BuildRequest, SummaryRun, outcome
from floodmark.pipeline.summaries.touched import changed_by_others, stamp_of

log = logging.getLogger(__name__)


def build(run: SummaryRun, request: BuildRequest) -> BuildOutcome:
    """Build the summary, unless nothing has changed and nobody asks for it. A retry goes on with what it began.

    Raises:
        JobRunning: a job takes longer than the step's patience; any later step goes on from there.
        SummaryRefused: what was built may not take its place. The table stands as it was.
    """
    run.meter.run_id = request.run_id
    with run.lease() as lease:
        before = lease.head.last
        if (mine := _left_open(run, lease, request)) is not None:
            return outcome(run, lease.head, mine)
        inputs = inputs_of(run)
        empty = [one.target for one in inputs if one.read_at is None]
        if empty and not request.asked:
            why = f"nothing of {', '.join(empty)} has been loaded yet"
            return outcome(run, lease.head, lease.head.last, state="waiting", why=why)
        changed = changed_by_others(run, lease.head)
        if not request.asked and not changed and is_current(run, lease.head, inputs):
            finished = lease.head.last != before  # what another run had begun
            return outcome(run, lease.head, lease.head.last, state="built" if finished else "unchanged")
        with told(lease):
            _begin(run, lease, request, inputs, changed)
        finish(run, lease)
        return outcome(run, lease.head, lease.head.last, why=changed)


def _left_open(run: SummaryRun, lease: Lease, request: BuildRequest) -> Read | None:
    """Go on with what an earlier step left open; the build, where it is this very run's."""
    left = lease.head.open
    if left is None:
        last = lease.head.last
        return last if last is not None and last.run_id == request.run_id and not lease.head.error else None
    if left.state is State.READING:
        lease.write(lambda head: giving_up.void(head, "its step ended before it was begun"))
        return None
    mine = left.run_id == request.run_id
    try:
        finish(run, lease)
    except FatalError as error:
        if mine or lease.head.open is not None:
            raise
        log.warning("%s: what %s began came to nothing: %s", run.target, left.run_id, error)
        return None
    lease.store()
    return lease.head.last if mine else None


def _begin(run: SummaryRun, lease: Lease, request: BuildRequest, inputs: Sequence[Input], changed: str) -> None:
    head, place = lease.head, run.config.bigquery
    window = None if changed and request.window is None else window_of(run, head, request, inputs)
    if changed and window is not None:
        raise SummaryRefused(
            f"{run.target}: {changed}; a window alone would leave that: build all of it: {run.command('summarize')}"
        )
    if changed:
        log.warning("%s: %s; all of it is built anew", run.target, changed)
    _drop_failed(run)
    read_at = heads.next_read_at(head, now())
    built = Built(
        summary=run.summary,
        aside=f"{place.project}.{summary_sql.aside(place.raw, run.name, read_at)}",
        inputs=tuple(inputs),
        window=window,
        remade=request.anew,
    )
    table = _table(run, head, built, run.target)
    if built.remade:
        run.ports.warehouse.ours(table)
    else:
        run.ports.warehouse.standing(table)  # one that can't be replaced is told before anything is billed
    read = Read(
        target=run.target, read_at=read_at, token=head.token, run_id=request.run_id, portion=built,
        state=State.READING, watermark=None, key=run.summary.keys, query=run.summary.query, began_at=now(),
    )  # fmt: skip
    lease.note(lambda current: heads.begin(current, read))
    lease.write(lambda current: heads.stage(current, Manifest(), now=now()))
    log.info("%s: building %s at %s", run.target, window or "all of it", read_at.isoformat())


def _drop_failed(run: SummaryRun) -> None:
    """What an earlier build left aside for somebody to look at."""
    for read in run.ports.ledger.reads(run.target, newest=1):
        if read.state is State.VOID and isinstance(read.portion, Built):
            _drop(run, read.portion)


def _drop(run: SummaryRun, built: Built) -> None:
    run.ask(Question.SUMMARY, statement("drop_table.sql", {"table": built.aside}))


def finish(run: SummaryRun, lease: Lease) -> None:
    """Close the open build: built aside, checked, in its place. Each step stands in the ledger before the next."""
    read = lease.head.open
    if read is None or not isinstance(read.portion, Built):
        raise heads.Unlawful(f"{run.target}: no build is open")
    built = read.portion
    try:
        if read.state is State.STAGED:
            columns = _made(run, lease.head, built)
            if not read.attempts(Step.BUILD):
                afford_query(run, built)
            carry_out(run, lease, Step.BUILD, lambda head, attempt: _build_job(run, head, built, attempt))
            afford_rest(run, built, columns)
            rows = require_sound(run, built, columns)
            log.info("%s: %d rows built and checked", run.target, rows)
            lease.note(heads.load)
        _swap(run, lease, built)
    except RetriableError:
        raise
    except Exception as error:
        _give_up(run, lease, error)
        raise


def _made(run: SummaryRun, head: Head, built: Built) -> tuple[tuple[str, str], ...]:
    """The table aside, with the columns that the query gives."""
    parameters = _values(built)
    try:
        columns = run.ports.warehouse.columns_of(built.summary.placed_query, parameters, dataset=run.dataset)
        summary_sql.require_columns(built.summary, columns)
    except FatalError as error:
        raise SummaryRefused(f"{built.summary.file}: {error}; mend it, then: {run.command('summarize')}") from error
    except Refused as refused:
        raise SummaryRefused(f"{built.summary.file}: {refused.message}; {refused.remedy}") from refused
    aside = _table(run, head, built, built.aside)
    run.ports.warehouse.shaped(aside, built.summary.placed_query, parameters, dataset=run.dataset, like=run.target)
    return columns


def _values(built: Built) -> dict[str, datetime]:
    return summary_sql.bound(parameters_named(built.summary.query), built.window)


def _table(run: SummaryRun, head: Head, built: Built, reference: str) -> TargetTable:
    place = run.config.bigquery
    return summary_sql.table(
        reference, built.summary, ledger=run.ports.ledger.uuid, target=head.uuid, source=run.config.source,
        labels=place.labels, kms_key=place.kms_key or "", anew=run.command("summarize --anew"),
    )  # fmt: skip


def _build_job(run: SummaryRun, head: Head, built: Built, attempt: int) -> Job:
    if head.open is None:
        raise heads.Unlawful(f"{head.target}: no build is open")
    place = run.config.bigquery
    return jobs.build_job(
        head, head.open, built.summary.placed_query, into=_table(run, head, built, built.aside), dataset=place.dataset,
        parameters=_values(built), location=place.location, attempt=attempt,
        max_bytes_billed=place.max_bytes_billed, labels=run.labels(),
    )  # fmt: skip


def _swap(run: SummaryRun, lease: Lease, built: Built) -> None:
    table = _table(run, lease.head, built, run.target)
    begun = any(
        one.state in (EffectState.INTENDED, EffectState.DONE)
        for one in (lease.head.open.attempts(Step.APPLY) if lease.head.open else ())
    )
    columns = () if begun else _place(run, lease, built, table)
    if built.window is None:
        carry_out(run, lease, Step.APPLY, lambda head, attempt: _copy_job(run, head, built, table, attempt))
    else:
        kind = dict(columns).get(built.summary.partition_by, "")
        names = [name for name, _ in columns]
        change(run, lease, Step.APPLY, "" if begun else summary_sql.replace_window(built, run.target, names, kind))
    place = run.config.bigquery
    run.ports.warehouse.relabel(place.project, place.dataset, run.name, table.labels)
    run.ports.warehouse.standing(table)
    _drop(run, built)
    rows = int(run.ask(Question.SUMMARY, statement("count.sql", {"table": run.target}))[0]["rows"])
    stamp = stamp_of(run)
    lease.note(lambda head: heads.apply(head, rows=rows, stamp=stamp, now=now()))


def _place(run: SummaryRun, lease: Lease, built: Built, table: TargetTable) -> tuple[tuple[str, str], ...]:
    """The table that people query, there and ours, cut and clustered as what is to take its place; aside's columns.

    BigQuery replaces no table by one that is cut otherwise; clustering can be set beforehand.
    """
    warehouse = run.ports.warehouse
    columns = warehouse.fields(*built.aside.rsplit(".", 2)) or ()
    if built.remade:
        warehouse.ours(table)
        change(run, lease, Step.REMAKE_CURRENT, statement("drop_table.sql", {"table": run.target}))
    stands = warehouse.standing(table)
    if stands is None:
        whole = statement("summary_whole.sql", {"aside": built.aside})
        warehouse.shaped(table, whole, dataset=run.dataset, like=built.aside)
    elif built.window is not None and dict(stands) != dict(columns):
        differ = sorted({name for name, _ in set(stands) ^ set(columns)})
        raise SummaryRefused(
            f"{run.target}: a window can't take its place, since the columns are others by now: {', '.join(differ)}; "
            f"build all of it: {run.command('summarize')}"
        )
    return columns


def _copy_job(run: SummaryRun, head: Head, built: Built, table: TargetTable, attempt: int) -> Job:
    if head.open is None:
        raise heads.Unlawful(f"{head.target}: no build is open")
    location = run.config.bigquery.location
    return jobs.copy_job(
        head, head.open, source=built.aside, into=table, location=location, attempt=attempt, labels=run.labels()
    )


def _give_up(run: SummaryRun, lease: Lease, error: Exception) -> None:
    """The build is void, unless it stands in its place already, or may come to; the head says why.

    One that is paid for, and can't pay for what comes next, waits as it is.
    """
    for effect in lease.head.open.effects if lease.head.open else ():
        settle(run, lease, effect)
    read = lease.head.open
    states = [one.state for one in read.effects] if read else []
    waits = Step.BUILD if isinstance(error, BudgetReached) else Step.APPLY
    stays = read is not None and any(one.state is EffectState.DONE for one in read.attempts(waits))
    if read is not None and not stays and EffectState.INTENDED not in states:
        lease.note(lambda head: giving_up.void(head, str(error), loaded=True))
    lease.write(lambda head: heads.block(head, reason(error)))
