"""Stage to current: load the read into raw, merge it into current, check, close it (R16-R18).

Any holder of the lease may do this, for whichever run began the read: the ledger has all that is needed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from floodmark.core.bigquery import jobs
from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery.tables import Targets
from floodmark.core.ledger import closing
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Question, Step, apply_step, is_apply
from floodmark.core.ports import Job
from floodmark.errors import CountMismatch, FatalError
from floodmark.pipeline import targets, verify
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.check_keys import each_run, refuse_doubled
from floodmark.pipeline.clock import now
from floodmark.pipeline.effects import carry_out, change
from floodmark.pipeline.held import require_held
from floodmark.pipeline.history import keep_history
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.outcome import Outcome, outcome
from floodmark.pipeline.prepare import prepare, remake
from floodmark.pipeline.require_rows import emptied, empty_target, require_left
from floodmark.pipeline.returned import questions, tell_returned
from floodmark.pipeline.room import CUTS, cuts, require_room
from floodmark.pipeline.staging import clear, close_unchanged
from floodmark.pipeline.standing import told_once
from floodmark.pipeline.table_run import TableRun
from floodmark.pipeline.take_over import take_over
from floodmark.pipeline.touched import refuse_touched, rows_left

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
        keep_history(run, lease)
        return outcome(run.table, lease.head, _closed(run, lease.head, read_at))


def _closed(run: TableRun, head: Head, read_at: str) -> Read:
    """The read, as it was closed. The head has the newest: a year's reads are long to look through."""
    if head.last is not None and head.last.read_at.isoformat() == read_at:
        return head.last
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
        clear(run, read)  # not before: were current touched in between, the read would have to be loaded
        return
    if read.portion.wanted == () and not (read.removed or read.renamed):
        close_unchanged(lease)
        return
    with told_once(lease):
        both = prepare(run, lease, read)
        if read.portion.wanted == ():
            close_unchanged(lease)
            return
        if read.state is State.STAGED:
            require_room(run, read, targets.merge_of(run, read, both))
            _load(run, lease, read, both)
        if read.remade:  # not before its rows are in raw: people miss current only while they are merged
            require_left(run, lease, read, targets.merge_of(run, read, both))
            remake(run, lease, read, both, Step.REMAKE_CURRENT)
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


def _load(run: TableRun, lease: Lease, read: Read, both: Targets) -> None:
    taken = read.takeover.rows if read.takeover else 0
    if read.takeover is not None:
        take_over(run, lease, read, both)
    if staged := read.rows - taken:
        statistics = carry_out(run, lease, Step.LOAD, lambda head, attempt: _load_job(run, head, both, attempt))
        loaded = statistics.get("output_rows")
        if loaded != staged:
            raise CountMismatch(
                f"{run.target}: {staged} rows were staged, and the load job put {loaded} into {both.raw.reference} "
                "(R28); look at the job in the ledger before anything else"
            )
    lease.note(heads.load)


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
        before = (*late_asked, *emptied(run, lease.head, read, merge))
        billed = _billed(read, merge, (*statements, *before), lease.head.target_rows)
        again = questions(run, lease.head, read) if read.rows else ()
        afford(run, merge, chain((Wanted(statement=one) for one in billed), again))
    require_held(run, lease, merge, Step.APPLY)
    require_left(run, lease, read, merge)
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
        statistics = change(run, lease, step, sql, first if number == 1 else dict)
        changed += sum(int(statistics.get(name) or 0) for name in ("inserted", "updated", "deleted"))
        found += int(statistics.get("late") or 0)
    if found:
        log.error("%s: %d late rows: a slice was sealed and gained rows (R12); %s", run.target, found, _trusted(read))
    mismatch = verify.current(run, read, merge)
    stamp = _stamp(run) if read.portion.renewed else ""
    rows = rows_left(run, lease.head, both.current)
    wrong = mismatch or empty_target(run, rows)
    shown = "" if mismatch else verified
    if not wrong:
        clear(run, read)
    lease.note(
        lambda head: heads.apply(
            head, late=found, changed=changed > 0, stamp=stamp, verified=shown, rows=rows, now=now()
        )
    )
    if wrong:
        raise wrong
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
