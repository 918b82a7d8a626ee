"""The comparison of a reconcile: sums by bucket, then rows where they differ, then keys by their exact values (R25)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from floodmark.core import reconcile as core
from floodmark.core.bigquery import drift, partitions, reconcile_sql
from floodmark.core.bigquery.merge import Merge, SoftMode
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Buckets, Reconciled
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question
from floodmark.core.ports import Comparison, Reading
from floodmark.core.reconcile import Differences, Heal, Scope, TargetRow
from floodmark.core.time.interval import Interval
from floodmark.errors import (
    ChecksumMismatch,
    ConfigurationError,
    KeysDoubled,
    Problem,
    SourceRefused,
    TooMuchInFlight,
)
from floodmark.pipeline import targets
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)

EXAMPLES = 5
"""So many keys of each sort are named."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What was found, what would heal it, and some keys of each sort by name.

    ``gone`` are the hashes of deleted keys. ``expired`` is how long partitions of current lived until this reconcile
    looked at it, though it asks for ever.
    """

    reconciled: Reconciled
    heal: Heal
    comparison: Comparison
    examples: Mapping[str, Sequence[str]]
    expired: timedelta | None = None
    gone: tuple[int, ...] = ()


@dataclass(kw_only=True)
class _Warehouse:
    """Current, asked within the budget of the table."""

    run: TableRun
    merge: Merge
    stands: bool
    spent: int = field(default=0)

    def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a question; none where there is no current table yet. Raises ``ConfigurationError``."""
        if not self.stands:
            return []
        most = self.run.table.reconcile_bytes
        if most is not None:
            labels = self.run.labels(Question.RECONCILE)
            self.spent += self.run.ports.warehouse.dry_run(sql, parameters, labels=labels)
            if self.spent > most:
                message = f"BigQuery would process {self.spent:,} bytes to compare it, more than {most:,}"
                remedy = "allow more, or exclude large columns; the table is as it was"
                path = f"tables.{self.run.table.name}.reconcile_bytes"
                raise ConfigurationError([Problem(file=self.run.file, path=path, message=message, remedy=remedy)])
        afford(self.run, self.merge, [Wanted(statement=sql, parameters=parameters or {})])
        return self.run.ask(Question.RECONCILE, sql, parameters)


def compare(run: TableRun, head: Head, read: Read, reading: Reading) -> Compared:
    """Hold current against the snapshot. ``read`` says how rows travel."""
    wanted = targets.tables(run, head, read, run.ports.ledger.uuid).current
    lived = run.ports.warehouse.partitions_live(wanted)
    there = run.ports.warehouse.standing(wanted)
    both = targets.tables(run, head, read, run.ports.ledger.uuid, there)
    merge = targets.merge_of(run, read, both)
    if there is not None:
        merge = replace(merge, absent=drift.absent(both.current, there))
    found = hold_against(run, merge, reading, coverages.sealed(head.coverage), stands=there is not None)
    return replace(found, expired=lived)


def hold_against(
    run: TableRun,
    merge: Merge,
    reading: Reading,
    sealed: tuple[Interval, ...],
    *,
    stands: bool = True,
    share: float | None = None,
) -> Compared:
    """Hold current's rows, or those that stand for it, against the snapshot, as far as these intervals are sealed.

    ``share`` of the ranges of keys may be looked into; as the table says, where nothing is said.
    """
    warehouse = _Warehouse(run=run, merge=merge, stands=stands)
    rows, scope = _scope(run, sealed, merge, warehouse)
    comparison = reading.comparison(scope)
    bits = core.bits(max(rows, reading.schema.estimated_rows))
    share, turn = run.table.reconcile_share if share is None else share, merge.read_at.toordinal()
    numbers, unlooked = _differing(run, merge, warehouse, comparison, bits, share=share, turn=turn)
    theirs = _theirs(run, merge, warehouse, scope, Buckets(bits=bits, numbers=numbers))
    compared = _compared(run, comparison, theirs, Buckets(bits=bits, numbers=numbers))
    _refuse_known(run, merge, comparison, [theirs[key].key for key in compared.deleted])
    buckets = core.to_read(compared, bits)
    return Compared(
        reconciled=Reconciled(
            missing=len(compared.missing),
            changed=len(compared.changed),
            deleted=len(compared.deleted),
            left=unlooked,
            of=2**bits,
            unlike=reconcile_sql.unlike(merge.columns),
            buckets=buckets,
        ),
        heal=Heal(
            buckets=buckets,
            deleted=tuple(theirs[key] for key in compared.deleted),
            partitions=_partitions(merge, [theirs[key] for key in (*compared.changed, *compared.deleted)]),
        ),
        comparison=comparison,
        examples=_examples(comparison, compared, theirs),
        gone=compared.deleted,
    )


def _scope(run: TableRun, sealed: tuple[Interval, ...], merge: Merge, warehouse: _Warehouse) -> tuple[int, Scope]:
    """Current's rows, and what of the source is compared with them."""
    counted = warehouse.ask(reconcile_sql.extent(merge, run.start)) or [{"rows": 0, "early": 0, "timeless": 0}]
    soft = merge.soft_delete
    return counted[0]["rows"], Scope(
        sealed=sealed,
        start=run.start,
        early=counted[0]["early"] > 0,
        timeless=counted[0]["timeless"] > 0 or run.table.null_cursor == "include",
        columns=tuple(column.name for column in merge.columns),
        soft=soft.column if soft is not None and soft.mode is SoftMode.REMOVE else "",
    )


def _differing(
    run: TableRun, merge: Merge, warehouse: _Warehouse, comparison: Comparison, bits: int, *, share: float, turn: int
) -> tuple[tuple[int, ...], int]:
    """The buckets to look into, and how many more differ."""
    ours, loose = comparison.sums(bits)
    if len(loose) > core.MOST_LOOSE:
        raise TooMuchInFlight(
            f"{run.target}: {len(loose):,} keys of the source are not settled yet, and no more than "
            f"{core.MOST_LOOSE:,} can be left out of a comparison; run its slices first: "
            f"{run.command('run --gaps', '--table')}"
        )
    statement = reconcile_sql.sums(merge, comparison.scope.columns, bits)
    theirs = reconcile_sql.sums_of(warehouse.ask(statement, reconcile_sql.leaving_out(loose)))
    differing = core.differing(ours, theirs)
    numbers = core.affordable(differing, ours, theirs, bits=bits, share=share, turn=turn)
    log.info(
        "%s: %d of %d ranges of keys differ, %d are looked into", run.target, len(differing), 2**bits, len(numbers)
    )
    return numbers, len(differing) - len(numbers)


def _theirs(run: TableRun, merge: Merge, warehouse: _Warehouse, scope: Scope, buckets: Buckets) -> dict[int, TargetRow]:
    """Current's rows in these buckets, by their keys' hashes."""
    if not buckets.numbers:
        return {}
    statement = reconcile_sql.rows(merge, scope.columns, buckets.bits)
    rows = reconcile_sql.rows_of(merge, warehouse.ask(statement, reconcile_sql.looking_into(buckets.numbers)))
    if (doubled := core.twice(key for key, _ in rows)) is not None:
        twice = next(row.key for key, row in rows if key == doubled)
        raise KeysDoubled(
            f"{merge.current}: the key ({', '.join(merge.key)}) = {_shown(twice)} stands more than once; somebody else "
            f"writes to it, or partition_by is a column that changes (R20): mend that, then: {run.command('reload')}"
        )
    return dict(rows)


def _compared(run: TableRun, comparison: Comparison, theirs: Mapping[int, TargetRow], buckets: Buckets) -> Differences:
    if not buckets.numbers:
        return Differences()
    rows = list(comparison.rows(buckets))
    if core.twice(key for key, _, _ in rows) is not None:
        raise SourceRefused(
            f"{run.file}: tables.{run.table.name}.key: rows of the source share a key; no unique index proves it "
            "(R2): name another key, or add a unique index over NOT NULL columns"
        )
    return core.compare({key: (standing, row) for key, standing, row in rows}, theirs)


def _refuse_known(run: TableRun, merge: Merge, comparison: Comparison, deleted: Sequence[tuple[Any, ...]]) -> None:
    """A key that is only deleted by its hash, and is in the source by its value, is not removed: nothing is."""
    if still := comparison.standing(deleted):
        raise ChecksumMismatch(
            f"{run.target}: keys ({', '.join(merge.key)}) that seemed deleted are in the source: {'; '.join(still)}; "
            "the two ends don't write them alike: nothing was changed; please report the columns' types",
            columns=merge.key,
        )


def _partitions(merge: Merge, rows: Sequence[TargetRow]) -> tuple[str | None, ...]:
    cut = merge.partitioning
    return tuple({partitions.partition_of(row.cut, cut.unit) for row in rows}) if cut else ()


def _examples(comparison: Comparison, found: Differences, theirs: Mapping[int, TargetRow]) -> dict[str, Sequence[str]]:
    missing = comparison.named(found.missing[:EXAMPLES]) if found.missing else ()
    return {
        "missing": missing,
        "changed": tuple(_shown(theirs[key].key) for key in found.changed[:EXAMPLES]),
        "deleted": tuple(_shown(theirs[key].key) for key in found.deleted[:EXAMPLES]),
    }


def _shown(key: tuple[Any, ...]) -> str:
    return ", ".join(map(str, key))
