"""Rows of keys that were forgotten, in a read that comes later: told, since only a person can say what is right."""

from __future__ import annotations

import logging

from floodmark.core.bigquery import forget_sql
from floodmark.core.ledger import forgetting
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def tell_returned(run: TableRun, lease: Lease, read: Read) -> None:
    """Say that a read, which is in raw by now, brings rows of keys that were forgotten."""
    forgotten = lease.head.forgotten
    if not forgotten.digests or not read.rows or not read.key:
        return
    key = read.key_columns
    wanted = forget_sql.standing(
        run.config.bigquery.raw_table(run.table), key, forgotten.salt, forgotten.digests, read.read_at
    )
    rows = sum(int(row["rows"]) for row in run.ask(Question.FORGET, *wanted))
    if rows:
        log.error(
            "%s: the read of %s brings %d rows of keys that were forgotten: the source has them again, or still; "
            "delete them there, then forget them again",
            run.target, read.read_at.isoformat(), rows,
        )  # fmt: skip
        lease.write(lambda head: forgetting.returned(head, rows, read.read_at))
