"""What a build has made, held against what its file says it must be: before anybody sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from floodmark.core.bigquery import summary_sql
from floodmark.core.config.summary import Summary
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.step import Question
from floodmark.core.resolve.googlesql_text import bare_query, parameters_named
from floodmark.errors import FatalError, SummaryRefused
from floodmark.pipeline.summaries.run import SummaryRun


def require_sound(run: SummaryRun, built: Built, columns: Sequence[tuple[str, str]]) -> int:
    """The rows that were built, if they may take their place. Raises ``SummaryRefused`` with everything wrong."""
    kind = dict(columns).get(built.summary.partition_by, "")
    counted = run.ask(Question.SUMMARY, summary_sql.counts(built, kind))[0]
    faults = [*_of_counts(run, built, counted), *_of_window(run, built, kind), *_of_assertions(run, built)]
    if faults:
        raise SummaryRefused(
            f"{run.target} stands as it was: {'; '.join(faults)}; what was built is kept as {built.aside} until the "
            f"next build; mend it, then: {run.command('summarize')}"
        )
    return int(counted["rows"])


def _of_counts(run: SummaryRun, built: Built, counted: dict[str, Any]) -> Iterator[str]:
    summary = built.summary
    keys = ", ".join(summary.keys)
    if summary.require_rows and not counted["rows"]:
        yield f"{summary.file}: require_rows: true, and its query gives no rows"
    if counted["null_keys"]:
        yield f"{summary.file}: keys: {counted['null_keys']} rows have a NULL in {keys}"
    if counted["doubled"]:
        yield f"{summary.file}: keys: {counted['doubled']} keys ({keys}) stand more than once"
    if counted["outside"] and built.window:
        yield (
            f"{summary.file}: {counted['outside']} rows lie outside of {built.window} by {summary.partition_by}: let "
            "the query select by @start and @end what lies in it"
        )


def _of_window(run: SummaryRun, built: Built, kind: str) -> Iterator[str]:
    """A key of the window may not stand in another partition, unless the partition is a part of it."""
    summary = built.summary
    if built.window is None or not summary.keys or summary.partition_by in summary.keys:
        return
    found = run.ask(Question.SUMMARY, summary_sql.elsewhere(built, run.target, kind))[0]["elsewhere"]
    if found:
        yield (
            f"{summary.file}: keys: {found} keys ({', '.join(summary.keys)}) of {built.window} stand in other "
            f"partitions too: take {summary.partition_by} into keys, or build all of it: {run.command('summarize')}"
        )


def _of_assertions(run: SummaryRun, built: Built) -> Iterator[str]:
    for one in built.summary.assertions:
        where = f"{_at(built.summary, one.line)}: assert.{one.name}"
        sql = summary_sql.broken(built, bare_query(one.sql))
        try:
            values = summary_sql.bound(parameters_named(one.sql), built.window)
            broken = run.ask(Question.SUMMARY, sql, values, dataset=run.dataset)[0]["broken"]
        except FatalError as error:
            yield f"{where}: can't be asked: {error}"
            continue
        if broken:
            yield f"{where}: gives {broken} rows, and may give none"


def _at(summary: Summary, line: int) -> str:
    return f"{summary.file}:{line}" if line else summary.file
