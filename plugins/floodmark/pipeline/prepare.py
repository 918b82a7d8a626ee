"""Both tables of a target, before a read goes into them: there, with its columns, and ours (R17, R26, R32)."""

from __future__ import annotations

import logging

from floodmark.core.bigquery import drift
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.tables import Targets
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Step, fits
from floodmark.core.ports import TargetTable
from floodmark.errors import TargetMismatch
from floodmark.pipeline import declared, targets
from floodmark.pipeline.effects import change
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun
from floodmark.pipeline.touched import refuse_lost_columns

log = logging.getLogger(__name__)


def prepare(run: TableRun, lease: Lease, read: Read) -> Targets:
    """Both tables, there and with just the columns that the read brings; raw alone, where they are made anew.

    Both are looked at before either is touched: what one of them can't take changes none (R32).
    """
    both = declared.deployed(run, targets.tables(run, lease.head, read, run.ports.ledger.uuid))
    if read.remade:
        remake(run, lease, read, both, Step.REMAKE_RAW)
        return both
    stands = run.ports.warehouse.standing(both.current)
    if stands is not None:
        refuse_lost_columns(run, lease, both.current, stands)
    both = declared.deployed(run, targets.tables(run, lease.head, read, run.ports.ledger.uuid, stands))
    statements: list[tuple[str, str]] = []
    absent: list[TargetTable] = []
    for table, steps in ((both.raw, drift.OF_RAW), (both.current, drift.OF_CURRENT)):
        there = stands if table is both.current else run.ports.warehouse.standing(table)
        if there is None:
            refuse_dropped(run, lease.head, read, both, table)
            absent.append(table)
        else:
            statements += drift.alterations(steps, table, there, read.removed, read.renamed)
    for step, sql in statements:
        if step in (Step.DROP_RAW, Step.DROP_CURRENT):
            log.warning("%s: %s; time travel has them still, for its window", run.target, " ".join(sql.split()))
        change(run, lease, step, sql)
    for effect in read.effects:  # of a step that was interrupted: whether it came to pass is still to be written down
        if effect.state is EffectState.INTENDED and fits(effect.step):
            change(run, lease, effect.step, "")
    for table in absent:
        run.ports.warehouse.ensure(table)
    for table in (both.raw, both.current) if statements else ():
        if table.policy_tags or table.described:  # one just added has none yet, and no value
            run.ports.warehouse.standing(table)
    return both


def remake(run: TableRun, lease: Lease, read: Read, both: Targets, step: Step) -> None:
    """Drop a table, if it is ours, and make it again: dropped once, also where nothing stands.

    Whoever goes on after a kill must not drop what was made and filled since.
    """
    table = both.raw if step is Step.REMAKE_RAW else both.current
    run.ports.warehouse.ours(table)
    change(run, lease, step, statement("drop_table.sql", {"table": table.reference}))
    if run.ports.warehouse.standing(table) is None:
        refuse_dropped(run, lease.head, read, both, table)
        run.ports.warehouse.ensure(table)


def refuse_dropped(run: TableRun, head: Head, read: Read, both: Targets, table: TargetTable) -> None:
    """A table that somebody dropped isn't taken for loaded (R17): what the ledger has of it would be untrue."""
    if table is both.raw and read.attempts(Step.LOAD):
        raise TargetMismatch(
            f"{table.reference} was dropped after the read of {read.read_at.isoformat()} began to load into it; "
            "undelete it (BigQuery keeps it for its time travel window), or have both tables made anew: "
            f"{table.anew}"
        )
    if table is both.current and not read.portion.replaces and filled(run, head):
        raise TargetMismatch(gone(table.reference, table.anew))


def gone(reference: str, anew: str) -> str:
    """What is said of a table that somebody dropped; ``anew`` is the command that has both made again."""
    return (
        f"{reference} is gone, though the ledger has reads of it; undelete it, or have both tables made anew (raw's "
        f"history is lost): {anew}"
    )


def filled(run: TableRun, head: Head) -> bool:
    """Whether any applied read has put rows into current; mostly the last one has."""
    if head.last is None or head.last.changed:
        return head.last is not None
    return any(read.changed and read.state is State.APPLIED for read in run.ports.ledger.reads(run.target))
