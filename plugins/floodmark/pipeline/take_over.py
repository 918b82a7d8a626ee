"""The rows of a table that was adopted into raw, once, and only if it is still what was compared (adopt)."""

from __future__ import annotations

from floodmark.core.bigquery import takeover as takeovers
from floodmark.core.bigquery.tables import Targets
from floodmark.core.ledger import giving_up
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question, Step
from floodmark.errors import AdoptedChanged
from floodmark.pipeline.effects import change
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun


def take_over(run: TableRun, lease: Lease, read: Read, both: Targets) -> None:
    """Put the rows of the table that the open read takes over into raw. Its query is their SELECT.

    Raises ``AdoptedChanged`` where somebody wrote to it since it was compared: the read is void then.
    """
    takeover = read.takeover
    if takeover is None or not takeover.rows:
        return
    sql = takeovers.insert(read.query, both.raw.reference, [column.name for column in read.columns])
    statistics = change(run, lease, Step.TAKE_OVER, sql)
    moved = statistics.get("inserted")
    if (moved is None or int(moved) == takeover.rows) and stamp(run, takeover.table) == takeover.stamp:
        return
    reason = f"{takeover.table} changed since it was compared with the source"
    lease.write(lambda head: giving_up.void(head, reason, loaded=True))
    raise AdoptedChanged(
        f"{run.target}: {reason}, so nothing of it was adopted: pause what writes to it, and adopt it again"
    )


def stamp(run: TableRun, table: str) -> str:
    """What a table says of itself: another one once somebody changed it."""
    return run.ports.warehouse.stamp(*table.rsplit(".", 2), labels=run.labels(Question.ADOPT))
