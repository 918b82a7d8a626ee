"""Summaries in what ``status``, ``prove`` and ``check`` say."""

from __future__ import annotations

from collections.abc import Sequence

from floodmark.cli.screen import Screen, shown
from floodmark.cli.sources import SourceFile
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.errors import Problem
from floodmark.pipeline.reports.summaries import SummaryStatus

COLUMNS = ("summary", "built", "rows", "from what was sealed up to", "state")


def file_summaries(
    source: SourceFile, tables: Sequence[str] | None
) -> tuple[tuple[ResolvedSummary, ...], list[Problem]]:
    """The source's summaries and what is wrong with them; none where a command is asked about some tables only."""
    return ((), []) if tables else source.summaries_as_they_are()


def show_summaries(screen: Screen, source: str, built: Sequence[SummaryStatus], unread: Sequence[Problem]) -> None:
    """A table of them, where there are any."""
    if built:
        screen.table(COLUMNS, [_row(one) for one in built], title=f"{source}: summaries")
    for problem in unread:
        screen.line(str(problem), style="red")


def _row(one: SummaryStatus) -> tuple[object, ...]:
    seals = [f"{each.target.rpartition('.')[2]}: {shown(each.sealed_up_to) or 'nothing'}" for each in one.inputs]
    words = [*one.doubts]
    if one.under_way:
        words.append(f"open: {one.under_way}")
    if one.holder:
        words.append(f"lease: {one.holder}")
    return one.summary, one.built_at, one.rows, seals, words or ["holds what its query gives"]
