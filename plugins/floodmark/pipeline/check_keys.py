"""Keys are unique in current: after each merge in the partitions that it touched, daily in the whole table (R20, R28).

``partition_by`` is a declaration: where the column changes for a key after all, a merge finds its row in neither of the
partitions it looks at, and inserts it anew. Only the whole table shows the old one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from floodmark.core.bigquery.merge import Merge, keys_doubled
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.step import Question
from floodmark.errors import KeysDoubled, TargetMismatch, reason
from floodmark.pipeline import targets
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.prepare import filled, gone
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)

EACH_RUN = 1_000_000
"""Rows up to which the keys of a table that isn't cut bill hardly more than the 10 MB that any query does."""


@dataclass(frozen=True, kw_only=True)
class KeysLooked:
    """Why it was not looked through, empty where it was, and in words how many keys are ``alike`` but for case."""

    left_alone: str = ""
    alike: str = ""

    def __bool__(self) -> bool:
        """Whether it was looked through."""
        return not self.left_alone


def each_run(merge: Merge, rows: int | None) -> bool:
    """Whether keys are looked through after each merge: where that bills the touched partitions, or next to nothing.

    Beyond that, the daily look is the same one. ``rows`` are current's, None where nobody counted. A merge of a read
    whose keys are unique doubles none; who else writes is told by the number of rows, unless he alters a key (R36).
    """
    if not merge.key:
        return False
    pruned = merge.partitioning is not None and not merge.anywhere and not merge.clears
    return pruned or rows is None or rows <= EACH_RUN


def refuse_doubled(run: TableRun, merge: Merge, *, whole: bool = False) -> int:
    """Raise ``KeysDoubled`` where current holds a key twice. Its reads are applied: only a reload heals it.

    How many keys differ from another in case or trailing spaces alone, where the whole was looked through (R25).
    """
    step = Question.KEYS_IN_ALL if whole else Question.KEYS
    told = run.ask(step, keys_doubled(merge, whole=whole))[0]
    doubled = told["doubled"]
    if doubled:
        raise KeysDoubled(
            f"{merge.current}: {doubled} keys ({', '.join(merge.key)}) stand more than once; somebody else writes to "
            f"it, or partition_by is a column that changes (R20): mend that, then: {run.command('reload')}"
        )
    return int(told.get("alike", 0))


def check_keys(run: TableRun) -> KeysLooked:
    """Look through the whole of current, which is billed; not where there is no key, or nothing was applied yet.

    Takes the lease, so that no merge comes in between. Raises ``KeysDoubled``, and blocks the table until a reload;
    ``TargetMismatch`` where current is gone.
    """
    with run.lease() as lease:
        head, last = lease.head, lease.head.last
        if last is None:
            return KeysLooked(left_alone="nothing of it was read yet")
        if not last.key or last.append:
            return KeysLooked(left_alone="it has no key")
        place = run.config.bigquery
        if run.ports.warehouse.labels(place.project, place.dataset, run.table.to) is None:
            if filled(run, head):
                raise TargetMismatch(gone(run.target, run.command("reload --anew")))
            return KeysLooked(left_alone="nothing was loaded into it yet")
        both = targets.tables(run, head, last, run.ports.ledger.uuid)
        merge = targets.merge_of(run, last, both)
        afford(run, merge, [Wanted(statement=keys_doubled(merge, whole=True))])
        try:
            alike = _alike(run, merge, refuse_doubled(run, merge, whole=True))
        except KeysDoubled as error:
            text = reason(error)
            lease.write(lambda current: heads.block(current, text, wrong=True))
            raise
    if alike:
        log.warning("%s: %s", merge.current, alike)
    return KeysLooked(alike=alike)


def _alike(run: TableRun, merge: Merge, count: int) -> str:
    """In words; empty where there are none."""
    if not count:
        return ""
    return (
        f"{count:,} keys ({', '.join(merge.folded)}) differ from another in case or trailing spaces alone: the source "
        f"holds these for equal, so one of two was changed there, and is gone: {run.command('reconcile')}"
    )
