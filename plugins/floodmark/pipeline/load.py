"""Stage to current: load the read into raw, merge it into current, check, close it (R16-R18).

Any holder of the lease may do this, for whichever run began the read: the ledger has all that is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from floodmark.core.bigquery import drift, jobs
from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.tables import Targets
from floodmark.core.ledger import closing
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Question, Step, apply_step, fits, is_apply
from floodmark.core.ports import Job, TargetTable
from floodmark.errors import CountMismatch, FatalError, TargetMismatch
from floodmark.pipeline import targets, verify
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.check_keys import each_run, refuse_doubled
from floodmark.pipeline.clock import now
from floodmark.pipeline.effects import carry_out
from floodmark.pipeline.held import require_held
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.outcome import Outcome, outcome
from floodmark.pipeline.returned import questions, tell_returned
from floodmark.pipeline.room import CUTS, cuts, require_room
from floodmark.pipeline.staging import close_unchanged
from floodmark.pipeline.standing import told_once
from floodmark.pipeline.table_run import TableRun
from floodmark.pipeline.touched import refuse_lost_columns, refuse_touched, rows_left

log = logging.getLogger(__name__)


def load(run: TableRun, read_at: str) -> Outcome:
    """Bring the read that ``extract`` staged into current; if somebody else did so already, that is well.

    Raises ``FatalError`` where it was given up: then the slice must be extracted again.
    """
    with run.lease() as lease:
        left = lease.head.open
        if left is not None and left.read_at.isoformat() == read_at:
            run.meter.run_id = left.run_id
            finish(run, lease)
        return outcome(run.table, lease.head, _closed(run, read_at))


def _closed(run: TableRun, read_at: str) -> Read:
    for read in reversed(run.ports.ledger.reads(run.target, newest=100)):
        if read.read_at.isoformat() == read_at:
            if read.state is State.VOID:
                raise FatalError(f"{run.target}: the read of {read_at} was given up: {read.error}; clear its extract")
            return read
    raise FatalError(f"{run.target}: the ledger knows no read of {read_at}; clear its extract task to read again")


def finish(run: TableRun, lease: Lease) -> None:
    """Close the open read: staged -> loaded -> applied. Each step stands in the ledger before the next begins.

    Raises:
        JobRunning: a job takes longer than the step's patience; any later step goes on from there.
        WarehouseUnavailable: a job failed in a way that a further attempt may mend.
        RawLost: raw doesn't hold it any more; it is void, and its slices are due again.
        FatalError: the table is blocked, and the ledger says why.
    """
    read = lease.head.open
    if read is None or read.state is State.READING:
        raise heads.Unlawful(f"{run.target}: nothing is staged")
    if _is_same(run, lease.head):
        log.info("%s: the refresh of %s found nothing new", run.target, read.read_at.isoformat())
        lease.write(lambda head: heads.same(head, now=now()))
        return
    if read.portion.wanted == () and not (read.removed or read.renamed):
        close_unchanged(lease)
        return
    with told_once(lease):
        both = _prepare(run, lease, read)
        if read.portion.wanted == ():
            close_unchanged(lease)
            return
        if read.state is State.STAGED:
            require_room(run, read, targets.merge_of(run, read, both))
            _load(run, lease, read, both)
        if read.remade:  # not before its rows are in raw: people miss current only while they are merged
            _remake(run, lease, read, both, Step.REMAKE_CURRENT)
        _apply(run, lease, read, both)


def _is_same(run: TableRun, head: Head) -> bool:
    """Whether a refresh read what current holds, and nobody touched current since (R23, R36)."""
    if head.balance.changed:
        return False
    if head.last is None or not head.last.target_stamp or not closing.is_same(head.open, head.last):
        return False
    return _stamp(run) == head.last.target_stamp


def _stamp(run: TableRun) -> str:
    place = run.config.bigquery
    labels = run.labels(Question.STAMP)
    return run.ports.warehouse.stamp(place.project, place.dataset, run.table.to, labels=labels)


def _prepare(run: TableRun, lease: Lease, read: Read) -> Targets:
    """Both tables, there and with just the columns that the read brings; raw alone, where they are made anew.

    Both are looked at before either is touched: what one of them can't take changes none (R32).
    """
    both = targets.tables(run, lease.head, read, run.ports.ledger.uuid)
    if read.remade:
        _remake(run, lease, read, both, Step.REMAKE_RAW)
        return both
    stands = run.ports.warehouse.standing(both.current)
    if stands is not None:
        refuse_lost_columns(run, lease, both.current, stands)
    both = targets.tables(run, lease.head, read, run.ports.ledger.uuid, stands)
    statements: list[tuple[str, str]] = []
    absent: list[TargetTable] = []
    for table, steps in ((both.raw, drift.OF_RAW), (both.current, drift.OF_CURRENT)):
        there = stands if table is both.current else run.ports.warehouse.standing(table)
        if there is None:
            _refuse_dropped(run, lease.head, read, both, table)
            absent.append(table)
        else:
            statements += drift.alterations(steps, table, there, read.removed, read.renamed)
    for step, sql in statements:
        if step in (Step.DROP_RAW, Step.DROP_CURRENT):
            log.warning("%s: %s; time travel has them still, for its window", run.target, " ".join(sql.split()))
        _statement(run, lease, step, sql)
    for effect in read.effects:  # of a step that was interrupted: whether it came to pass is still to be written down
        if effect.state is EffectState.INTENDED and fits(effect.step):
            _statement(run, lease, effect.step, "")
    for table in absent:
        run.ports.warehouse.ensure(table)
    for table in (both.raw, both.current) if statements else ():
        if table.policy_tags:  # a column that was just added has none yet, and no value either
            run.ports.warehouse.standing(table)
    return both


def _remake(run: TableRun, lease: Lease, read: Read, both: Targets, step: Step) -> None:
    """Drop a table, if it is ours, and make it again: dropped once, also where nothing stands.

    Whoever goes on after a kill must not drop what was made and filled since.
    """
    table = both.raw if step is Step.REMAKE_RAW else both.current
    run.ports.warehouse.ours(table)
    _statement(run, lease, step, statement("drop_table.sql", {"table": table.reference}))
    if run.ports.warehouse.standing(table) is None:
        _refuse_dropped(run, lease.head, read, both, table)
        run.ports.warehouse.ensure(table)


def _refuse_dropped(run: TableRun, head: Head, read: Read, both: Targets, table: TargetTable) -> None:
    """A table that somebody dropped isn't taken for loaded (R17): what the ledger has of it would be untrue."""
    if table is both.raw and read.attempts(Step.LOAD):
        raise TargetMismatch(
            f"{table.reference} was dropped after the read of {read.read_at.isoformat()} began to load into it; "
            "undelete it (BigQuery keeps it for its time travel window), or have both tables made anew: "
            f"{table.anew}"
        )
    if table is both.current and not read.portion.replaces and _filled(run, head):
        raise TargetMismatch(
            f"{table.reference} is gone, though the ledger has reads of it; undelete it, or have both tables made anew "
            f"(raw's history is lost): {table.anew}"
        )


def _filled(run: TableRun, head: Head) -> bool:
    """Whether any applied read has put rows into current; mostly the last one has."""
    if head.last is None or head.last.changed:
        return head.last is not None
    return any(read.changed and read.state is State.APPLIED for read in run.ports.ledger.reads(run.target))


def _load(run: TableRun, lease: Lease, read: Read, both: Targets) -> None:
    if read.rows:
        statistics = carry_out(run, lease, Step.LOAD, lambda head, attempt: _load_job(run, head, both, attempt))
        loaded = statistics.get("output_rows")
        if loaded != read.rows:
            raise CountMismatch(
                f"{run.target}: {read.rows} rows were staged, and the load job put {loaded} into {both.raw.reference} "
                "(R28); look at the job in the ledger before anything else"
            )
    lease.write(heads.load)


def _load_job(run: TableRun, head: Head, both: Targets, attempt: int) -> Job:
    if head.open is None:
        raise heads.Unlawful(f"{head.target}: nothing is staged")
    place = run.config.bigquery
    return jobs.load_job(head, head.open, raw=both.raw, location=place.location, attempt=attempt, labels=run.labels())


def _apply(run: TableRun, lease: Lease, read: Read, both: Targets) -> None:
    merge = targets.merge_of(run, read, both)
    merge = replace(merge, cuts=cuts(run, read, merge))
    statements = merges.merges(merge) if read.rows or merge.clears else ()
    late_asked = _late(read, merge)
    if not any(is_apply(effect.step) for effect in read.effects):
        billed = _billed(read, merge, (*statements, *late_asked), lease.head.target_rows)
        again = questions(run, lease.head, read) if read.rows else ()
        afford(run, merge, chain((Wanted(statement=one) for one in billed), again))
    require_held(run, lease, merge, Step.APPLY)
    tell_returned(run, lease, read)
    refuse_touched(run, lease, both.current)
    if read.key and not read.unique:
        _refuse_doubled_keys(run, merge)
    verified = verify.raw(run, read, merge)

    def first() -> dict[str, Any]:
        return {**late(), **({CUTS: list(merge.cuts)} if merge.cuts else {})}

    def late() -> dict[str, Any]:
        return next((run.ask(Question.LATE, sql)[0] for sql in late_asked), {})

    changed, found = 0, 0
    for number, sql in enumerate(statements, start=1):
        step = apply_step(number)
        if number > 1:
            require_held(run, lease, merge, step)
        statistics = _statement(run, lease, step, sql, first if number == 1 else dict)
        changed += sum(int(statistics.get(name) or 0) for name in ("inserted", "updated", "deleted"))
        found += int(statistics.get("late") or 0)
    if found:
        log.error("%s: %d late rows: a slice was sealed and gained rows (R12); %s", run.target, found, _trusted(read))
    mismatch = verify.current(run, read, merge)
    stamp = _stamp(run) if read.portion.renewed else ""
    shown = "" if mismatch else verified
    rows = rows_left(run, lease.head, both.current)
    lease.write(
        lambda head: heads.apply(
            head, late=found, changed=changed > 0, stamp=stamp, verified=shown, rows=rows, now=now()
        )
    )
    if mismatch:
        raise mismatch
    if changed and each_run(merge, lease.head.target_rows):
        refuse_doubled(run, merge)


def _billed(read: Read, merge: merges.Merge, asked: Sequence[str], rows: int | None) -> Iterator[str]:
    """All that applying the read bills: ``asked``, and the checks, which are put into words only for a budget."""
    yield from asked
    if level := verify.level(read):
        yield from (sql for _, sql in verify.questions(merge, level))
    if each_run(merge, rows):
        yield merges.keys_doubled(merge)


def _late(read: Read, merge: merges.Merge) -> tuple[str, ...]:
    """The question for late rows; none where no staged row lies in a slice that was sealed before (R12)."""
    recheck = [span.interval for span in read.portion.wanted or () if span.recheck]
    rechecked = read.manifest.rechecked if read.manifest else None
    if not recheck or not read.rows or (rechecked and not rechecked.rows):
        return ()
    return (merges.late(merge, recheck, rechecked),)


def _trusted(read: Read) -> str:
    return f"taken on trust: {'; '.join(read.reasons)}" if read.reasons else "nothing was taken on trust but R6"


def _refuse_doubled_keys(run: TableRun, merge: merges.Merge) -> None:
    doubled = run.ask(Question.KEYS, merges.read_keys_doubled(merge))[0]["doubled"]
    if doubled:
        raise CountMismatch(
            f"{run.target}: {doubled} keys ({', '.join(merge.key)}) stand more than once in one read; no unique index "
            "proves the key (R2): name another key, or add a unique index over NOT NULL columns"
        )


def _statement(
    run: TableRun, lease: Lease, step: str, sql: str, remember: Callable[[], dict[str, Any]] = dict
) -> dict[str, Any]:
    """Run a statement that changes a table, once."""
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
