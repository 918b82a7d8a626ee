"""Whether current still holds the rows that our last effect left there: another writer is told (R36).

Counted before every apply: a COUNT(*) without a filter, which reads no bytes, and counts a streaming buffer too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from floodmark.core.bigquery import balance_sql, drift
from floodmark.core.bigquery.tables import CURSOR, READ_AT
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Question, Step, is_apply
from floodmark.core.ports import TargetTable
from floodmark.errors import CountMismatch, SourceChanged, TargetMismatch, TargetTouched, reason
from floodmark.pipeline import targets
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def refuse_touched(run: TableRun, lease: Lease, current: TargetTable) -> None:
    """Raise ``TargetTouched`` where current lacks rows that it had, or has some that no read brought.

    It is told once: the head then keeps the number that is there, and that current is wrong until a read replaces it.
    What replaces all of it heals that, and so does a reconcile that looked into all that differs: neither is held up.
    Not asked while a job that applies may be under way, nor where current was made anew for this very read.
    """
    head, read = lease.head, lease.head.open
    if read is None or read.remade or head.target_rows is None or _undecided(read):
        return
    done = _change(read) or 0
    rows = counted(run)
    expected = head.target_rows + done
    if rows == expected:
        return
    said = (
        f"{current.reference} holds {rows:,} rows, and the last read that we applied left {expected:,}: somebody else "
        "inserts into it, deletes from it or truncates it, or its partitions expire"
    )
    if read.portion.replaces or (read.reconciled is not None and read.reconciled.complete):
        log.error("%s; this read heals it", said)
        lease.write(lambda now: heads.touched(now, rows - done))
        return
    error = TargetTouched(f"{said}: see who does, then: {run.command('reload')}")
    lease.write(lambda now: heads.touched(now, rows - done, reason(error)))
    raise error


def refuse_lost_columns(run: TableRun, lease: Lease, current: TargetTable, there: Sequence[tuple[str, str]]) -> None:
    """Raise ``TargetTouched`` where current lacks columns that a read left there: their values are lost.

    Told once, as :func:`refuse_touched` does; what replaces all of current heals it.
    """
    last, read = lease.head.last, lease.head.open
    if last is None or last.error or (read and read.portion.replaces) or not lease.head.target_rows:
        return
    lost = _lost(run, last, drift.absent(current, there))
    if not lost:
        return
    error = TargetTouched(
        f"{current.reference} lacks the columns {', '.join(lost)} that it had: somebody else dropped or renamed them, "
        f"and their values are gone: see who does, then: {run.command('reload')}"
    )
    lease.write(lambda now: heads.block(now, reason(error), wrong=True))
    raise error


def _lost(run: TableRun, last: Read, absent: Sequence[str]) -> list[str]:
    """Of the columns that current lacks, ours, and those of the last read that had a job: one without rows brings its
    new columns to no table."""
    lost = [name for name in (CURSOR, READ_AT) if name in absent]
    if not any(one.name in absent for one in last.columns):
        return lost
    reads = reversed(run.ports.ledger.reads(run.target))
    left = next((one.columns for one in reads if one.state is State.APPLIED and one.effects), ())
    return [*(one.name for one in left if one.name in absent), *lost]


def columns_left(run: TableRun, lease: Lease, last: Read) -> tuple[tuple[str, str], ...] | None:
    """Current's columns by name and type, as it stands between two reads; None where there is no such table.

    Raises, and has the head say, what isn't as ``last`` left it: ``TargetMismatch`` where it isn't ours; and of a table
    with slices ``TargetTouched`` where it lacks a column, ``SourceChanged`` where one has a type that holds less. A
    table that is read whole is compared by its content.
    """
    current = targets.tables(run, lease.head, last, run.ports.ledger.uuid).current
    try:
        there = run.ports.warehouse.fields(*run.target.split(".")) if run.ports.warehouse.ours(current) else None
        if there and lease.head.coverage:
            refuse_lost_columns(run, lease, current, there)
        return there
    except (TargetMismatch, SourceChanged) as error:
        text = reason(error)
        if not lease.head.error:
            wrong = isinstance(error, SourceChanged)
            lease.write(lambda head: heads.block(head, text, wrong=wrong))
        raise


def rows_left(run: TableRun, head: Head, current: TargetTable) -> int | None:
    """How many rows current holds, now that the open read's statements are done: what they told, else a count.

    Raises ``CountMismatch`` where a read of the whole table left rows that it did not bring.
    """
    read = head.open
    if read is None or not read.attempts(Step.APPLY):
        return None
    change = _change(read)
    if not (read.portion.replaces or head.target_rows is None or change is None):
        return head.target_rows + change
    rows = counted(run)
    brought = _of(read, "inserted")
    if read.portion.replaces and brought is not None and rows != brought:
        raise CountMismatch(
            f"{current.reference} holds {rows:,} rows after a read that replaced all of it brought {brought:,}: "
            "somebody else writes to it; delete their rows, then reload it again"
        )
    return rows


def counted(run: TableRun) -> int:
    """Current's own number of rows."""
    return int(run.ask(Question.TOUCHED, balance_sql.count(run.target))[0]["rows"])


def _applying(read: Read) -> list[dict[str, object]]:
    """What the statements that applied it told."""
    done = [one for one in read.effects if is_apply(one.step) and one.state is EffectState.DONE]
    return [one.statistics for one in done]


def _undecided(read: Read) -> bool:
    return any(is_apply(one.step) and one.state is EffectState.INTENDED for one in read.effects)


def _of(read: Read, name: str) -> int | None:
    """How many rows were ``inserted`` or ``deleted``; None where some statement didn't tell."""
    told = [statistics.get(name) for statistics in _applying(read)]
    return None if None in told else sum(int(str(rows)) for rows in told)


def _change(read: Read) -> int | None:
    """By how many rows current grew; None where some statement didn't tell."""
    inserted, deleted = _of(read, "inserted"), _of(read, "deleted")
    return None if inserted is None or deleted is None else inserted - deleted
