"""Whether a source's budget has enough left for a summary (R20): before its query, and before what comes after it.

By dry runs, which bill nothing: what is to be asked of a build can be tried only once the table aside is filled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from floodmark.core.bigquery import summary_sql
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.price import billed
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.step import Question
from floodmark.core.refused import Refused
from floodmark.core.resolve.googlesql_text import bare_query, parameters_named, tables_named
from floodmark.errors import FatalError
from floodmark.pipeline import budget
from floodmark.pipeline.summaries.run import SummaryRun


def afford_query(run: SummaryRun, built: Built) -> None:
    """Raise ``BudgetReached`` where its query would bill more than is left."""
    summary = built.summary
    values = summary_sql.bound(parameters_named(summary.query), built.window)
    budget.require_left(
        run, lambda: _bytes(run, summary.placed_query, _named(summary.query), values),
        left="nothing of it was done, and its DAG builds it",
    )  # fmt: skip


def afford_rest(run: SummaryRun, built: Built, columns: Sequence[tuple[str, str]]) -> None:
    """Raise ``BudgetReached`` where its checks, and putting it in its place, would bill more than is left."""
    budget.require_left(
        run, lambda: sum(_rest(run, built, columns)), left="what was built waits, and its DAG goes on with it"
    )


def _rest(run: SummaryRun, built: Built, columns: Sequence[tuple[str, str]]) -> Iterator[int]:
    kind = dict(columns).get(built.summary.partition_by, "")
    yield _bytes(run, summary_sql.counts(built, kind))
    yield _bytes(run, statement("count.sql", {"table": built.aside}))
    for one in built.summary.assertions:
        sql, values = bare_query(one.sql), summary_sql.bound(parameters_named(one.sql), built.window)
        try:
            yield _bytes(run, summary_sql.broken(built, sql), _named(one.sql), values)
        except FatalError:
            continue  # that it can't run is told by the check itself
    if built.window is not None:
        yield from _of_window(run, built, columns, kind)


def _of_window(run: SummaryRun, built: Built, columns: Sequence[tuple[str, str]], kind: str) -> Iterator[int]:
    standing = run.ports.warehouse.fields(*run.target.rsplit(".", 2))
    if dict(standing or ()) != dict(columns):
        return  # it is refused
    if built.summary.keys and built.summary.partition_by not in built.summary.keys:
        yield _bytes(run, summary_sql.elsewhere(built, run.target, kind), 2)
    yield _bytes(run, summary_sql.replace_window(built, run.target, [name for name, _ in columns], kind), 2)


def _named(sql: str) -> int:
    try:
        return len(tables_named(sql))
    except Refused:
        return 1


def _bytes(run: SummaryRun, sql: str, tables: int = 1, values: Mapping[str, datetime] | None = None) -> int:
    labels = run.labels(Question.PLAN)
    processed = run.ports.warehouse.dry_run(sql, values, labels=labels, dataset=run.dataset)
    return billed(processed, max(tables, 1))
