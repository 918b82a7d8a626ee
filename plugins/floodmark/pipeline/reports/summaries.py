"""Where every summary of a source stands, from the ledger alone: when it was built, from what, and why it wasn't."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from floodmark.core.bigquery import summary_sql
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger.built import Built, Input
from floodmark.core.ledger.head import Head
from floodmark.core.ports import Ledger
from floodmark.core.refused import Refused
from floodmark.core.resolve.googlesql_text import parameters_named
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.errors import FatalError, Problem, TargetTouched
from floodmark.pipeline.reports.left_behind import left_behind
from floodmark.pipeline.summaries.decide import behind, inputs_of, last_built
from floodmark.pipeline.summaries.run import SummaryRun
from floodmark.pipeline.table_run import Ports


@dataclass(frozen=True, kw_only=True)
class SummaryStatus:
    """One summary. Moments are UTC.

    ``inputs`` are what it was built from, with what of each was sealed then. ``behind`` are those to which something
    was applied since. ``other_file`` says that its file is another by now. ``under_way`` is a build that is open,
    ``error`` why the last one came to nothing, ``unusable`` what is wrong with its file, so that there is no further
    one; the table stands as before.
    """

    summary: str
    target: str
    built_at: datetime | None = None
    rows: int = 0
    inputs: tuple[Input, ...] = ()
    behind: tuple[str, ...] = ()
    other_file: bool = False
    under_way: str = ""
    error: str = ""
    unusable: str = ""
    holder: str = ""

    @property
    def well(self) -> bool:
        """Whether nobody has to do anything."""
        return not (self.error or self.unusable)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why it doesn't hold what its query gives of the tables as they stand; empty where it does."""
        return tuple(self._doubts())

    def _doubts(self) -> Iterator[str]:
        if self.unusable:
            yield f"its file can't be used, so it is not built: {self.unusable}"
        if self.error:
            touched = self.error.startswith(TargetTouched.__name__)
            yield self.error if touched else f"the last build failed: {self.error}"
        if self.built_at is None:
            yield "it was never built"
            return
        if self.other_file:
            yield "its file is another by now than that it was built from"
        for target in self.behind:
            yield f"{target} was changed since it was built"

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "summary": self.summary,
            "target": self.target,
            "well": self.well,
            "built_at": self.built_at,
            "rows": self.rows,
            "inputs": [{"target": one.target, "sealed_up_to": one.sealed_up_to, "read_at": one.read_at}
                       for one in self.inputs],
            "behind": list(self.behind),
            "open": self.under_way,
            "error": self.error or self.unusable,
            "doubts": list(self.doubts),
        }  # fmt: skip


def statuses(config: SourceConfig, summaries: Sequence[ResolvedSummary], ledger: Ledger) -> list[SummaryStatus]:
    """Every summary, in the order in which they are built. Nothing is written."""
    return [_of(config, one, ledger) for one in summaries]


def unusable(
    config: SourceConfig, problems: Sequence[Problem], ledger: Ledger, usable: Sequence[SummaryStatus]
) -> list[SummaryStatus]:
    """Those whose files can't be used, as they stand. Where the folder can't, these are all that the ledger knows."""
    why: dict[str, list[str]] = {}
    for one in problems:
        why.setdefault(PurePath(one.file.partition(":")[0]).name, []).append(str(one))
    of_folder = [text for name, texts in why.items() if not name.endswith(".sql") for text in texts]
    named = {
        config.bigquery.summary_table(name.removesuffix(".sql")): texts
        for name, texts in why.items()
        if name.endswith(".sql")
    }
    if of_folder:
        filled = {*named, *(one.target for one in usable), *map(config.bigquery.current_table, config.tables.values())}
        known = left_behind(config, ledger, filled)
        named |= {one.target: of_folder for one in known if one.is_summary and one.is_of(config.source)}
    heads = ledger.heads([*named])
    return [
        SummaryStatus(
            summary=head.target.rpartition(".")[2],
            target=head.target,
            built_at=head.last.read_at if head.last else None,
            rows=head.target_rows or 0,
            error=head.error,
            unusable="; ".join(named[head.target]),
            holder=head.holder,
        )
        for head in heads
    ]


def _of(config: SourceConfig, resolved: ResolvedSummary, ledger: Ledger) -> SummaryStatus:
    run = _unwired(config, resolved, ledger)
    head = ledger.head(run.target)
    built = last_built(head)
    return SummaryStatus(
        summary=run.name,
        target=run.target,
        built_at=head.last.read_at if head.last else None,
        rows=head.target_rows or 0,
        inputs=built.inputs if built else (),
        behind=behind(head, inputs_of(run)) if built else (),
        other_file=built is not None and not run.summary.is_as(built.summary),
        under_way=_under_way(head),
        error=head.error,
        holder=head.holder,
    )


def _unwired(config: SourceConfig, resolved: ResolvedSummary, ledger: Ledger) -> SummaryRun:
    """With nothing but its ledger: a report asks nobody else."""

    def refuse() -> Any:
        raise FatalError("a report asks the ledger alone")

    ports = Ports(source=refuse, stage=refuse, warehouse=refuse, ledger=lambda: ledger)
    return SummaryRun(config=config, summary=resolved.summary, inputs=resolved.inputs, ports=ports, holder="a report")


def _under_way(head: Head) -> str:
    if head.open is None or not isinstance(head.open.portion, Built):
        return ""
    return f"build of {head.open.read_at.isoformat()}: {head.open.state.value}"


def lacking(summaries: Sequence[ResolvedSummary], ports: Ports) -> dict[str, str]:
    """By the files of summaries of which nothing can be said yet: a table that each reads, and that isn't there."""
    read = {target for one in summaries for target in one.inputs}
    missing = {target for target in read if ports.warehouse.labels(*target.rsplit(".", 2)) is None}
    return {
        one.summary.file: next(target for target in one.inputs if target in missing)
        for one in summaries
        if missing.intersection(one.inputs)
    }


def tried(config: SourceConfig, summaries: Sequence[ResolvedSummary], ports: Ports) -> list[Problem]:
    """Each query and assertion as BigQuery judges it, which bills nothing. All that they read has to stand."""
    dataset = config.bigquery.home
    problems = []
    for one in summaries:
        summary = one.summary
        try:
            values = summary_sql.bound(parameters_named(summary.query), None)
            columns = ports.warehouse.columns_of(summary.placed_query, values, dataset=dataset)
            summary_sql.require_columns(summary, columns)
        except FatalError as error:
            problems.append(summary.problem("query", str(error), "mend it", summary.line))
        except Refused as refused:
            problems.append(summary.problem("", refused.message, refused.remedy))
    return problems
