"""Rows of keys that were forgotten, in a read that comes later: told, since only a person can say what is right."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from floodmark.core.bigquery import forget_sql
from floodmark.core.ledger import forgetting
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question
from floodmark.pipeline.budget import Wanted
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def questions(run: TableRun, head: Head, read: Read) -> Iterator[Wanted]:
    """The one about the rows that a read brings, where keys of the table were forgotten."""
    forgotten, raw = head.forgotten, run.config.bigquery.raw_table(run.table)
    if forgotten.digests and read.key:
        sql, parameters = forget_sql.standing(raw, read.key_columns, forgotten.salt, forgotten.digests, read.read_at)
        yield Wanted(statement=sql, parameters=parameters)


def tell_returned(run: TableRun, lease: Lease, read: Read) -> None:
    """Say that a read, which is in raw by now, brings rows of keys that were forgotten."""
    asked = questions(run, lease.head, read) if read.rows else ()
    rows = sum(int(row["rows"]) for one in asked for row in run.ask(Question.FORGET, one.statement, one.parameters))
    if rows:
        log.error(
            "%s: the read of %s brings %d rows of keys that were forgotten: the source has them again, or still; "
            "delete them there, then forget them again",
            run.target, read.read_at.isoformat(), rows,
        )  # fmt: skip
        lease.write(lambda head: forgetting.returned(head, rows, read.read_at))
