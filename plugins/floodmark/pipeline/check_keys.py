"""Keys are unique in current: after each merge in the partitions that it touched, daily in the whole table (R20, R28).

``partition_by`` is a declaration: where the column changes for a key after all, a merge finds its row in neither of the
partitions it looks at, and inserts it anew. Only the whole table shows the old one.
"""

from __future__ import annotations

from floodmark.core.bigquery.merge import Merge, keys_doubled
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.step import Question
from floodmark.errors import KeysDoubled, reason
from floodmark.pipeline import targets
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.table_run import TableRun

EACH_RUN = 1_000_000
"""Rows up to which the keys of a table that isn't cut bill hardly more than the 10 MB that any query does."""


def each_run(merge: Merge, rows: int | None) -> bool:
    """Whether keys are looked through after each merge: where that bills the touched partitions, or next to nothing.

    Beyond that, the daily look is the same one. ``rows`` are current's, None where nobody counted. A merge of a read
    whose keys are unique doubles none; who else writes is told by the number of rows, unless he alters a key (R36).
    """
    if not merge.key:
        return False
    pruned = merge.partitioning is not None and not merge.anywhere and not merge.clears
    return pruned or rows is None or rows <= EACH_RUN


def refuse_doubled(run: TableRun, merge: Merge, *, whole: bool = False) -> None:
    """Raise ``KeysDoubled`` where current holds a key twice. Its reads are applied: only a reload heals it."""
    step = Question.KEYS_IN_ALL if whole else Question.KEYS
    doubled = run.ask(step, keys_doubled(merge, whole=whole))[0]["doubled"]
    if doubled:
        raise KeysDoubled(
            f"{merge.current}: {doubled} keys ({', '.join(merge.key)}) stand more than once; somebody else writes to "
            f"it, or partition_by is a column that changes (R20): mend that, then: {run.command('reload')}"
        )


def check_keys(run: TableRun) -> bool:
    """Look through the whole of current, which is billed; False where there is no key, or nothing was applied yet.

    Takes the lease, so that no merge comes in between. Raises ``KeysDoubled``, and blocks the table until a reload.
    """
    with run.lease() as lease:
        head, last = lease.head, lease.head.last
        if last is None or not last.key or last.append:
            return False
        place = run.config.bigquery
        if run.ports.warehouse.labels(place.project, place.dataset, run.table.to) is None:
            return False
        both = targets.tables(run, head, last, run.ports.ledger.uuid)
        merge = targets.merge_of(run, last, both)
        afford(run, merge, [Wanted(statement=keys_doubled(merge, whole=True))])
        try:
            refuse_doubled(run, merge, whole=True)
        except KeysDoubled as error:
            text = reason(error)
            lease.write(lambda current: heads.block(current, text, wrong=True))
            raise
        return True
