"""``require_rows``: a read that brings nothing, or that would leave current empty, fails, and replaces nothing.

Looked at before anything is staged, before what was loaded is applied, and after that.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial

from floodmark.core.bigquery.merge import Merge, rows_after
from floodmark.core.ledger import giving_up
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Slices, Span
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question, is_apply
from floodmark.errors import RowsRequired, reason
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def require_read(run: TableRun, read: Read, manifest: Manifest) -> None:
    """Raise ``RowsRequired`` where the source gave no row of what is read whole: the table, or the run's own slices.

    A slice that is only looked at again mostly has none, and so may the last part of a first load.
    """
    before, slices = read.part.before if read.part else 0, _own_slices(read)
    if not run.table.require_rows or manifest.rows or before or (isinstance(read.portion, Slices) and not slices):
        return
    held_out = f"; {manifest.quarantined} rows are held out: {manifest.quarantine_uri}" if manifest.quarantined else ""
    what = ", ".join(str(span.interval) for span in slices) or "all of it"
    raise RowsRequired(
        f"{_where(run)}: {run.table.relation} gave no row for {what}{held_out}; nothing is loaded, and {run.target} is "
        f"as it was. Once the source has rows, {run.command('run', '--table')}, or clear the task; where there may be "
        "none, take require_rows out"
    )


def require_left(run: TableRun, lease: Lease, read: Read, merge: Merge) -> None:
    """Raise ``RowsRequired`` where applying the read would leave current empty: it is given up, its slices due again.

    Not asked once a statement that applies it may have run.
    """
    for sql in emptied(run, lease.head, read, merge):
        [rows] = run.ask(Question.EMPTIED, sql)
        if int(rows["brought"]) + int(rows["kept"]) == 0:
            text = (
                f"{_where(run)}: {run.target} would hold no row: all {read.rows} that were read at "
                f"{read.read_at.isoformat()} say that their key is deleted; nothing is applied, and it is as it was. "
                "See who deleted them; where that is right, take require_rows out"
            )
            error = RowsRequired(text)
            lease.write(partial(giving_up.lose, reason=reason(error)))
            raise error


def emptied(run: TableRun, head: Head, read: Read, merge: Merge) -> Iterator[str]:
    """The question of :func:`require_left`, where fewer rows stand in current than the read may remove."""
    if not run.table.require_rows or not merge.removes or any(is_apply(effect.step) for effect in read.effects):
        return
    if merge.replace or head.target_rows is None or read.rows >= head.target_rows:
        yield rows_after(merge)


def empty_target(run: TableRun, rows: int | None) -> RowsRequired | None:
    """What is wrong with a current table of so many rows, now that a read is applied; None where that isn't known."""
    if not run.table.require_rows or rows != 0:
        return None
    return RowsRequired(
        f"{_where(run)}: {run.target} holds no row after a read that was to leave some: see who else deletes from it, "
        f"then: {run.command('reload')}"
    )


def _own_slices(read: Read) -> list[Span]:
    """Those that are read whole: not looked at again, nor of some physical tables only."""
    return [span for span in read.portion.wanted or () if span.base is None and not (span.recheck or span.leaves)]


def _where(run: TableRun) -> str:
    return f"{run.file}: tables.{run.table.name}.require_rows"
