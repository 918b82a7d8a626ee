"""Whether somebody else changed a summary: what its table says of itself, held against what the last build left.

That is free: ``lastModifiedTime`` and a count (R23). It moves with every write, and with a description that is changed.
"""

from __future__ import annotations

from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.step import Question
from floodmark.errors import TargetTouched, reason
from floodmark.pipeline.summaries.decide import last_built
from floodmark.pipeline.summaries.run import SummaryRun


def stamp_of(run: SummaryRun) -> str:
    """When its table was last changed, and its rows; empty where there is none."""
    return run.ports.warehouse.stamp(*run.target.rsplit(".", 2), labels=run.labels(Question.SUMMARY))


def changed_by_others(run: SummaryRun, head: Head) -> str:
    """What somebody did to the table since the newest build left it; empty where nobody did, or it was never built."""
    if head.last is None or last_built(head) is None:
        return ""
    left, now = head.last.target_stamp, stamp_of(run)
    if not now:
        return "somebody dropped it"
    if left in ("", now):  # empty: of a version that didn't keep it
        return ""
    return f"somebody else changed it: its last build left it at {left}, it is of {now}"


def check(run: SummaryRun) -> bool:
    """Look whether it is as its newest build left it; False where none is, or one is under way.

    Raises ``TargetTouched``, and says so in its head until all of it is built.
    """
    with run.lease() as lease:
        if lease.head.open is not None or last_built(lease.head) is None:
            return False
        if changed := changed_by_others(run, lease.head):
            error = TargetTouched(f"{run.target}: {changed}; all of it is built by the next run, or by: "
                                  f"{run.command('summarize')}")  # fmt: skip
            lease.write(lambda head: heads.block(head, reason(error)))
            raise error
        return True
