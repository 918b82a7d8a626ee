"""Whether a summary is to be built, and how much of it: by what was applied to its inputs since it was built last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from floodmark.core.bigquery.summary_sql import FIRST, LAST
from floodmark.core.config.summary import END, START
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.built import Built, Input
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Slices
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import Ledger
from floodmark.core.resolve.googlesql_text import parameters_named
from floodmark.core.time.interval import Interval
from floodmark.errors import BudgetReached, ConfigurationError, Problem
from floodmark.pipeline.summaries.run import BuildRequest, SummaryRun

HISTORY = 500
"""So many of an input's newest reads are looked through for what changed; of more, all counts as changed."""


def inputs_of(run: SummaryRun) -> tuple[Input, ...]:
    """Every table that the summary reads, as it stands: looked at before its query begins."""
    starts = {run.config.bigquery.current_table(table): table.start for table in run.config.tables.values()}
    return tuple(_input(run.ports.ledger, target, starts.get(target)) for target in run.inputs)


def _input(ledger: Ledger, target: str, start: datetime | None) -> Input:
    head = ledger.head(target)
    forgotten = head.forgotten.acts[-1].at if head.forgotten.acts else None
    return Input(
        target=target,
        read_at=head.last.read_at if head.last else None,
        sealed_up_to=_sealed(head, start),
        forgotten_at=forgotten,
    )


def _sealed(head: Head, start: datetime | None) -> datetime | None:
    """T of the promise; of a summary, the earliest of those that it was built from."""
    if head.last is not None and isinstance(head.last.portion, Built):
        seals = [one.sealed_up_to for one in head.last.portion.inputs]
        return None if None in seals else min((one for one in seals if one), default=None)
    if start is None or not coverages.sealed(head.coverage):
        return None
    sealed = coverages.sealed_up_to(head.coverage, start)
    return sealed if sealed != start else None


def last_built(head: Head) -> Built | None:
    """What the newest build took; None where there was none."""
    return head.last.portion if head.last and isinstance(head.last.portion, Built) else None


def behind(head: Head, inputs: Sequence[Input]) -> tuple[str, ...]:
    """The inputs to which something was applied since the summary was built; all of them where it never was."""
    before = last_built(head)
    known = {one.target: one for one in before.inputs} if before else {}
    return tuple(one.target for one in inputs if one.target not in known or not one.is_as(known[one.target]))


def is_current(run: SummaryRun, head: Head, inputs: Sequence[Input]) -> bool:
    """Whether nothing has changed since it was built: neither its file nor what it reads."""
    before = last_built(head)
    return before is not None and not head.error and run.summary.is_as(before.summary) and not behind(head, inputs)


def window_of(run: SummaryRun, head: Head, request: BuildRequest, inputs: Sequence[Input]) -> Interval | None:
    """The partitions that are built anew, UTC; None: all of it.

    Raises ``ConfigurationError`` where a person asks for one of a summary that has none, or one off its partitions.
    """
    if request.window is not None:
        _require_window(run, request.window, head)
        return request.window
    before, length = last_built(head), run.summary.window
    if request.asked or length is None or before is None or _failed(head) or not run.summary.is_as(before.summary):
        return None
    known = {one.target: one for one in before.inputs}
    lows = []
    for one in inputs:
        low = FIRST if one.target not in known else _changed_since(run.ports.ledger, known[one.target], one)
        if low == FIRST:
            return None
        lows.append(low)
    low = floor(min([*lows, head.last.read_at if head.last else LAST]) - length, run.summary.partition_unit)
    return Interval(low=low, high=LAST)


def _failed(head: Head) -> bool:
    """Whether the last build came to nothing by more than what it would have cost."""
    return bool(head.error) and not head.error.startswith(BudgetReached.__name__)


def _changed_since(ledger: Ledger, before: Input, now: Input) -> datetime:
    """The earliest moment of the cursor of which something was applied since; FIRST where that may be any, LAST: none.

    Only slices tell: what a reload, a refresh, a reconcile or a forgotten key changed may lie anywhere.
    """
    if before.is_as(now):
        return LAST
    if before.read_at is None or before.forgotten_at != now.forgotten_at:
        return FIRST
    reads = ledger.reads(now.target, newest=HISTORY)
    if not reads or reads[0].read_at > before.read_at:
        return FIRST
    return min(map(_low, (read for read in reads if read.read_at > before.read_at)), default=LAST)


def _low(read: Read) -> datetime:
    if read.state is not State.APPLIED or not read.changed:
        return LAST
    if isinstance(read.portion, Built):
        return read.portion.window.low if read.portion.window else FIRST
    if not isinstance(read.portion, Slices) or read.removed or read.renamed:
        return FIRST
    return min((span.interval.low for span in read.portion.wanted), default=LAST)


def floor(moment: datetime, unit: str) -> datetime:
    """The beginning of the partition that a moment (UTC) lies in."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    match unit:
        case "hour":
            return hour
        case "month":
            return hour.replace(hour=0, day=1)
        case "year":
            return hour.replace(hour=0, day=1, month=1)
    return hour.replace(hour=0)


def _next(moment: datetime, unit: str) -> datetime:
    step = {"hour": timedelta(hours=1), "day": timedelta(days=1), "month": timedelta(days=31)}
    return floor(floor(moment, unit) + step.get(unit, timedelta(days=366)), unit)


def _require_window(run: SummaryRun, window: Interval, head: Head) -> None:
    problems = list(_faults(run, window))
    if not problems and last_built(head) is None:
        remedy = f"build all of it first: {run.command('summarize')}"
        problems.append(run.summary.problem("window", "was never built, so a part of it alone can't be", remedy))
    if problems:
        raise ConfigurationError(problems)


def _faults(run: SummaryRun, window: Interval) -> Iterator[Problem]:
    summary, unit = run.summary, run.summary.partition_unit
    if not {START, END} <= parameters_named(summary.query) or not unit:
        message = "can't be built for a window: its query doesn't name @start and @end, or it has no partition_by"
        yield summary.problem("query", message, f"build all of it: {run.command('summarize')}")
        return
    for name, moment in ((START, window.low), (END, window.high)):
        if moment not in (LAST, floor(moment, unit)):
            low, high = floor(moment, unit), _next(moment, unit)
            message = f"@{name} {moment:%Y-%m-%dT%H:%M:%SZ} is no boundary of its partitions, by {unit}"
            yield summary.problem("window", message, f"write {low:%Y-%m-%dT%H:%MZ} or {high:%Y-%m-%dT%H:%MZ}")
