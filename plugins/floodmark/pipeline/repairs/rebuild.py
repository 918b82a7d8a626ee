"""A ledger was lost: a new, empty one takes over the targets that the lost one filled (R19).

Nothing is taken for read that the new ledger has no evidence of: coverage stays empty, and what is missing is read
whole. Only the order of reads is carried over: ``last_read_at`` is the newest read that raw or current has rows of, so
that whatever is read from now on is newer than all that stands there.

The head is written before any label. Killed in between, the same command goes on: a target bears the new ledger's
labels only once its head knows what stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.tables import LEDGER_LABEL, READ_AT, SOURCE_LABEL, TARGET_LABEL
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import State
from floodmark.core.ledger.step import Question
from floodmark.errors import TargetMismatch
from floodmark.pipeline.table_run import TableRun

Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What was done with one target. Moments are UTC.

    ``adopted`` False: its tables bear this ledger's name already, or don't stand (``stands`` False); nothing was done.
    ``renamed`` is the source whose name they bore, where this ledger filled them for it: nothing but the label changed.
    ``former`` is the uuid of the ledger that filled it, ``last_read_at`` its newest read. ``unapplied`` are the reads
    that raw has and current has not, with their rows: they are simply read again. ``voided`` is the read that this
    ledger had open and could not load.
    """

    table: str
    target: str
    stands: bool = True
    adopted: bool = False
    former: str = ""
    renamed: str = ""
    last_read_at: datetime | None = None
    unapplied: tuple[tuple[datetime, int], ...] = ()
    voided: datetime | None = None


def rebuild(run: TableRun) -> Rebuilt:
    """Take a target over, under its lease. Do it only once nothing works with the lost ledger any more.

    Raises ``TargetMismatch`` where this ledger has filled the target itself, so that two would claim it, or where
    its tables are nobody's.
    """
    blank = Rebuilt(table=run.table.name, target=run.target)
    with run.lease() as lease:
        ours = {LEDGER_LABEL: str(run.ports.ledger.uuid), TARGET_LABEL: str(lease.head.uuid)}
        standing = _standing(run)
        if not standing:
            return replace(blank, stands=False)
        former = _former(run, standing, ours)
        named = {SOURCE_LABEL: run.config.source}
        if not former:
            renamed = _renamed(run, standing)
            for dataset in standing if renamed else ():
                run.ports.warehouse.relabel(run.config.bigquery.project, dataset, run.table.to, named)
            return replace(blank, last_read_at=lease.head.last_read_at, renamed=renamed)
        _refuse_two(run, lease.head, former)
        voided = lease.head.open
        if voided is not None:
            lease.write(
                lambda head: giving_up.void(head, "the ledger was rebuilt before it could be loaded", loaded=True)
            )
        newest = {place: _newest(run, place) for place in standing}
        moments = [moment for moment in newest.values() if moment is not None]
        lease.write(lambda head: heads.adopt(head, max(moments, default=None)))
        for dataset in standing:
            run.ports.warehouse.relabel(run.config.bigquery.project, dataset, run.table.to, {**ours, **named})
        return replace(
            blank,
            adopted=True,
            former=former,
            last_read_at=lease.head.last_read_at,
            unapplied=_unapplied(run, newest),
            voided=voided.read_at if voided else None,
        )


def _standing(run: TableRun) -> dict[str, Labels]:
    """The labels of each of the two tables that stands, by its dataset; raw first."""
    place = run.config.bigquery
    labels_of = {
        name: run.ports.warehouse.labels(place.project, name, run.table.to) for name in (place.raw, place.dataset)
    }
    return {name: labels for name, labels in labels_of.items() if labels is not None}


def _renamed(run: TableRun, standing: Mapping[str, Labels]) -> str:
    """The other source whose name the tables bear; empty where they bear this one's, or none."""
    names = {labels.get(SOURCE_LABEL) for labels in standing.values()} - {None, run.config.source}
    return ", ".join(sorted(filter(None, names)))


def _former(run: TableRun, standing: Mapping[str, Labels], ours: Labels) -> str:
    """The ledger whose labels the tables bear; empty where all bear ours. Raises ``TargetMismatch``."""
    others = {name: labels for name, labels in standing.items() if any(labels.get(key) != ours[key] for key in ours)}
    for name, labels in others.items():
        fields = run.ports.warehouse.fields(run.config.bigquery.project, name, run.table.to) or ()
        if not labels.get(LEDGER_LABEL) or READ_AT not in {field for field, _ in fields}:
            raise TargetMismatch(
                f"{run.config.bigquery.project}.{name}.{run.table.to} was not made by Floodmark: it lacks the label "
                f"{LEDGER_LABEL} or the column {READ_AT}; drop it, or name another dataset"
            )
    former = {labels[LEDGER_LABEL] for labels in others.values()}
    if len(former) > 1:
        raise TargetMismatch(
            f"{run.target} and its raw table bear the labels of two ledgers: {', '.join(sorted(former))}; drop one of "
            "the tables, or restore its ledger"
        )
    return next(iter(former), "")


def _refuse_two(run: TableRun, head: Head, former: str) -> None:
    """A ledger that has filled the target is not overwritten: one of the two must go. Raises ``TargetMismatch``."""
    reads = [*run.ports.ledger.reads(head.target), *([head.open] if head.open else [])]
    filled = [read for read in reads if read.state is not State.VOID and any(map(_effective, read.effects))]
    if filled:
        raise TargetMismatch(
            f"{run.target} bears the name of ledger {former}, and this ledger, {run.ports.ledger.uuid}, has filled "
            f"it too, last at {filled[-1].read_at.isoformat()}: two ledgers must not share a target; point ledger: to "
            "the right one, or give one of them another dataset, or drop both tables and reload"
        )


def _effective(effect: Effect) -> bool:
    return effect.state in (EffectState.DONE, EffectState.INTENDED)


def _newest(run: TableRun, dataset: str) -> datetime | None:
    table = f"{run.config.bigquery.project}.{dataset}.{run.table.to}"
    newest: datetime | None = run.ask(Question.REBUILD, statement("rebuild_newest.sql", {"table": table}))[0]["newest"]
    return newest.astimezone(UTC) if newest else None


def _unapplied(run: TableRun, newest: Mapping[str, datetime | None]) -> tuple[tuple[datetime, int], ...]:
    place = run.config.bigquery
    if place.raw not in newest:
        return ()
    table = place.raw_table(run.table)
    sql = statement("rebuild_unapplied.sql", {"table": table, "after": newest.get(place.dataset)})
    return tuple((row["read_at"].astimezone(UTC), int(row["rows"])) for row in run.ask(Question.REBUILD, sql))
