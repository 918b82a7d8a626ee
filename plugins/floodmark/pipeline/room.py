"""Whether current has room for a read's partitions, and how the jobs that replace much of it are cut (R20).

BigQuery's page "Quotas and limits", *Partitioned tables*: 10,000 partitions a table, 4,000 that one job changes, those
count from which it only deletes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery import partitions
from floodmark.core.bigquery.merge import Merge
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question, Step
from floodmark.errors import TooManyPartitions
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)

CUTS = "cuts"
"""Under this name the first statement's effect remembers where the jobs meet: a retry must cut at the same places."""
_FEW = 100
"""A read of no more partitions is let pass where the server doesn't tell how many there are, as BigQuery does."""


def require_room(run: TableRun, read: Read, merge: Merge) -> None:
    """Raise ``TooManyPartitions`` before the first job where current couldn't hold what the read brings."""
    cut = merge.partitioning
    if cut is None:
        return
    brought, longer = partitions.held(merge.partitions), partitions.longer(cut.unit)
    if merge.anywhere and len(brought) > partitions.MOST_PER_JOB:
        raise TooManyPartitions(
            f"{merge.current}: rows with a {cut.column} that BigQuery can't hold leave from wherever they stand, in "
            f"one job, and it would change {len(brought):,} partitions too, more than {partitions.MOST_PER_JOB:,}: "
            f"correct those values in the source; or by: {longer}, then: {run.command('reload --anew')}"
        )
    most = len(brought) if read.remade else _upper(run, merge, brought)
    if most <= partitions.MOST_PER_TABLE:
        return
    there = frozenset() if read.remade else partitions.held(_standing(run, merge))
    whole = merge.replace and not merge.scope
    count = partitions.peak(there, brought) if whole else len(brought | there)
    if whole and len(brought) <= partitions.MOST_PER_TABLE < count:
        raise TooManyPartitions(
            f"{merge.current} has {len(there):,} partitions, of which no job may change more than "
            f"{partitions.MOST_PER_JOB:,}; replaced by {len(brought):,} others job by job, it would have {count:,} "
            f"for a while, and BigQuery takes no more than {partitions.MOST_PER_TABLE:,}: nothing of this read was "
            f"loaded; have both tables made anew (raw's history is lost): {run.command('reload --anew')}"
        )
    if count > partitions.MOST_PER_TABLE:
        raise TooManyPartitions(
            f"{merge.current} would have {count:,} partitions by the {cut.unit} of {cut.column}, and BigQuery takes no "
            f"more than {partitions.MOST_PER_TABLE:,} in a table: nothing of this read was loaded; write "
            f"partition_by: {{column: ..., by: {longer}}}, or another column, then have both tables made "
            f"anew (raw's history is lost): {run.command('reload --anew')}"
        )


def cuts(run: TableRun, read: Read, merge: Merge) -> tuple[str, ...]:
    """The partitions at which the jobs meet that replace current, or a scope of it; none where one job does it all."""
    if merge.partitioning is None or not merge.clears:
        return ()
    if before := read.attempts(Step.APPLY):
        return tuple(before[0].statistics.get(CUTS, ()))
    brought = {value for value in merge.partitions if value is not None}
    if merge.scope or read.remade:
        return partitions.cuts(brought)
    told = _told(run, merge)
    if told is not None and told + len(brought) <= partitions.MOST_PER_JOB:
        return ()
    return partitions.cuts({*brought, *(value for value in _standing(run, merge) if value is not None)})


def tell_unpartitioned(run: TableRun, manifest: Manifest) -> None:
    """Say which values stand in no partition of their own: they are read by every query."""
    outside = partitions.outside(manifest.partitions)
    if outside:
        log.warning(
            "%s: %d values of %s before %d or after %d, %s the first: BigQuery keeps their rows in "
            "__UNPARTITIONED__, which every query and merge reads",
            run.target,
            len(outside),
            run.table.partition_by.column if run.table.partition_by else "",
            partitions.FIRST_YEAR,
            partitions.LAST_YEAR,
            outside[0],
        )


def notes(run: TableRun, merge: Merge) -> Iterator[str]:
    """What plan says of it."""
    told = _told(run, merge) if merge.partitioning else None
    if told is not None and merge.partitioning:
        full = "nearly full: " if told > partitions.NEARLY * partitions.MOST_PER_TABLE else ""
        unit = merge.partitioning.unit
        yield f"{full}current has {told:,} of {partitions.MOST_PER_TABLE:,} partitions by {unit}"


def _upper(run: TableRun, merge: Merge, brought: frozenset[str]) -> int:
    """At most so many there will be, without asking what is billed."""
    told = _told(run, merge)
    if told is not None:
        return told + len(brought)
    return len(brought) if len(brought) <= _FEW else partitions.MOST_PER_TABLE + 1


def _told(run: TableRun, merge: Merge) -> int | None:
    return run.ports.warehouse.partition_count(merge.current)


def _standing(run: TableRun, merge: Merge) -> tuple[str | None, ...]:
    cut = merge.partitioning
    assert cut is not None
    rows = run.ask(Question.PARTITIONS, merges.partitions_standing(merge))
    return tuple(partitions.partition_of(row["start"], cut.unit) for row in rows)
