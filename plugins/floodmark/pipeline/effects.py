"""Make an effect happen once: the whole job in the ledger first, then its insert, then what became of it (R17)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from floodmark.core.bigquery import jobs
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ports import Job, JobResult, Warehouse
from floodmark.errors import FatalError, JobFailed, JobRunning, WarehouseUnavailable
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TargetRun

log = logging.getLogger(__name__)

Build = Callable[[Head, int], Job]
Remember = Callable[[], dict[str, Any]]


def carry_out(run: TargetRun, lease: Lease, step: str, build: Build, remember: Remember = dict) -> dict[str, Any]:
    """Do ``step`` of the open read, or attach to who does it already; its statistics.

    ``build`` makes the job of an attempt. A failed job's id is burned for ever, so a further attempt has another; a
    permanent failure makes none until :func:`~floodmark.core.ledger.head.unblock`. ``remember`` finds out what can't be
    known afterwards; it is stored with the intent.

    Raises:
        JobRunning: it still runs after the step's patience.
        WarehouseUnavailable: it failed in a way that a further attempt may mend.
        JobFailed: it failed for good; the table is blocked.
    """
    effect = _intended(run, lease, step, build, remember)
    if effect.state is EffectState.DONE:
        return effect.statistics
    job = jobs.recorded(effect)
    log.info("%s: %s is job %s: %s", run.target, step, job.id, jobs.console(run.config.bigquery.project, job))
    began = time.monotonic()
    result = _run(run, lease, job, run.ports.warehouse)
    log.info("%s: %s ended after %.1f s: %s", run.target, step, time.monotonic() - began, _said(result))
    if result.occupied:
        _conclude(run, lease, effect.concluded(EffectState.OCCUPIED, error=result.error))
        _refuse(run, lease, job, result)
    if result.error:
        _conclude(run, lease, effect.concluded(EffectState.FAILED, statistics=result.statistics, error=result.error))
        _refuse(run, lease, job, result)
    done = effect.concluded(EffectState.DONE, statistics=result.statistics)
    _conclude(run, lease, done)
    return done.statistics


def change(run: TargetRun, lease: Lease, step: str, sql: str, remember: Remember = dict) -> dict[str, Any]:
    """Carry out a statement that changes a table."""
    place = run.config.bigquery

    def build(head: Head, attempt: int) -> Job:
        if head.open is None:
            raise heads.Unlawful(f"{head.target}: {step} without an open read")
        return jobs.merge_job(
            head,
            head.open,
            sql,
            location=place.location,
            step=step,
            attempt=attempt,
            max_bytes_billed=place.max_bytes_billed,
            labels=run.labels(),
        )

    return carry_out(run, lease, step, build, remember)


def settle(run: TargetRun, lease: Lease, effect: Effect) -> Effect | None:
    """What became of a job that was intended; an id that nobody knows of is taken, so that it can't run (R17).

    None where it still runs.
    """
    if effect.state is not EffectState.INTENDED:
        return effect
    result = run.ports.warehouse.occupy(jobs.recorded(effect))
    if not (result.occupied or result.done):
        return None
    state = EffectState.OCCUPIED if result.occupied else EffectState.FAILED if result.error else EffectState.DONE
    settled = effect.concluded(state, statistics=result.statistics, error=result.error)
    _conclude(run, lease, settled)
    return settled


def _said(result: JobResult) -> str:
    """What a job counted, or why it failed."""
    counted = (f"{name} {value}" for name, value in result.statistics.items() if type(value) is int)
    return result.error or ", ".join(counted) or "done"


def _intended(run: TargetRun, lease: Lease, step: str, build: Build, remember: Remember) -> Effect:
    head = lease.head
    if head.open is None:
        raise heads.Unlawful(f"{head.target}: {step} without an open read")
    before = head.open.attempts(step)
    if before and before[-1].state in (EffectState.INTENDED, EffectState.DONE):
        return before[-1]
    if before and head.error == before[-1].error:
        raise JobFailed(
            f"{head.target} is blocked since {step} failed: {head.error}; mend the cause, then: {run.tried_again}"
        )
    job = build(head, len(before) + 1)
    effect = replace(jobs.effect(job, step=step, attempt=len(before) + 1), statistics=remember())
    lease.write(lambda current: heads.intend(current, effect))
    return effect


def _run(run: TargetRun, lease: Lease, job: Job, warehouse: Warehouse) -> JobResult:
    try:
        warehouse.submit(job)
    except FatalError as error:
        return _make_sure(job, warehouse, error)
    result = warehouse.wait(job, run.job_patience)
    if not result.done:
        raise JobRunning(
            f"{lease.head.target}: job {job.id} still runs after {run.job_patience}",
            job_id=job.id,
            location=job.location,
        )
    return result


def _make_sure(job: Job, warehouse: Warehouse, error: FatalError) -> JobResult:
    """A refused insert, unless its answer was for a second one: taking the id settles which (R17)."""
    found = warehouse.occupy(job)
    if found.occupied:
        return replace(found, error=str(error))
    if not found.done:
        raise JobRunning(f"job {job.id} runs, though its insert was refused", job_id=job.id, location=job.location)
    return found


def _conclude(run: TargetRun, lease: Lease, effect: Effect) -> None:
    """What became of a job, and what it billed, in one: whoever concludes it counts it, and nobody else.

    Stored with the next write: who comes before it asks BigQuery for the job again.
    """
    run.meter.add(effect.step, int(effect.statistics.get("bytes_billed") or 0))
    lease.note(lambda head: heads.conclude(head, effect))


def _refuse(run: TargetRun, lease: Lease, job: Job, result: JobResult) -> None:
    why = result.error.removeprefix(f"job {job.id}: ")
    message = f"{run.target}: job {job.id} in {job.location} failed: {why}"
    if result.transient:
        raise WarehouseUnavailable(f"{message}; a retry makes a further attempt")
    lease.write(lambda head: heads.block(head, result.error))
    raise JobFailed(f"{message}; mend the cause, then: {run.tried_again}")
