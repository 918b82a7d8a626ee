"""The page of one source: what it says, and the HTML that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from floodmark.core.command_line import command_line
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.head import Head
from floodmark.core.ports import Ledger
from floodmark.core.time.interval import Interval, utc
from floodmark.pipeline.page import bars
from floodmark.pipeline.page.bars import NOTHING, Bar
from floodmark.pipeline.page.evidence import Evidence, evidence
from floodmark.pipeline.page.stretches import since, stretches
from floodmark.pipeline.page.verdicts import Holder, Need, Verdict, Word, holders, moment, needs, verdict
from floodmark.pipeline.reports.left_behind import LeftBehind, left_behind
from floodmark.pipeline.reports.status import TableStatus, of_head
from floodmark.pipeline.reports.summaries import SummaryStatus
from floodmark.pipeline.reports.words import IDLE, words_of

HOUR = timedelta(hours=1)
HOURS = 48
FEW_TABLES = 20
"""Up to so many tables, each is shown with its newest reads; above that only those that need somebody are."""
READS, READS_OF_MANY = 12, 3
"""So many reads of each table that is shown with them."""
MOST_ASKED = 50
"""Targets of a dataset that no file here fills: of more, which are other sources', ``status`` alone tells, which sees
their files."""
OLD = timedelta(minutes=90)
"""A page is told to be old after that, or after one and a half times the shortest cadence."""
TICK = 6 * HOUR
LAST_TICK = 97
"""Percent; a later mark would have no room for its words."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One table. ``recent`` and ``since_start`` are bars of its time, ``moment`` says up to when it is sealed.

    ``trusted`` is the same, but for a table that is known not to be what its source is.
    """

    status: TableStatus
    verdict: Verdict
    moment: datetime | None
    trusted: datetime | None
    recent: Bar = NOTHING
    since_start: Bar = NOTHING
    notes: tuple[str, ...] = ()
    reads: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """What the page of a source says. ``now`` is when it was written, UTC; ``hours`` are drawn one by one.

    ``named`` is how a command line names the source.
    ``trusted`` is the earliest moment up to which the ``well`` tables, which need nobody, can be trusted.
    ``left_behind`` are the source's targets that its file fills no more.
    """

    source: str
    named: str
    ledger: str
    uuid: str
    now: datetime
    hours: Interval
    old_after: timedelta
    rows: tuple[Row, ...]
    needs: tuple[Need, ...]
    holders: tuple[Holder, ...]
    trusted: datetime | None
    well: int
    summaries: tuple[SummaryStatus, ...] = ()
    left_behind: tuple[LeftBehind, ...] = ()

    @property
    def ill(self) -> int:
        """How many tables need somebody."""
        return sum(len(one.tables) for one in self.needs)

    @property
    def ticks(self) -> list[tuple[float, datetime]]:
        """Marks of the axis: where, in percent, and the moment."""
        low, whole = self.hours.low, self.hours.width
        first = low + HOUR * (-low.hour % (TICK // HOUR))
        count = (self.hours.high - first) // TICK + 1
        marks = (first + TICK * number for number in range(count))
        places = ((100 * ((one - low) / whole), one) for one in marks)
        return [(round(place, 2), one) for place, one in places if place < LAST_TICK]


def page(
    config: SourceConfig, ledger: Ledger, now: datetime, *, named: str = "", summaries: Sequence[SummaryStatus] = ()
) -> Page:
    """From the ledger alone: the heads, and the newest reads of few tables.

    ``named`` is how a command line names the source, where not by its name.
    """
    named, tables = named or config.source, tuple(config.tables.values())
    heads = ledger.heads([config.bigquery.current_table(table) for table in tables])
    hours = _hours(now)
    rows = []
    for table, head in zip(tables, heads, strict=True):
        row = _row(table, head, now=now, hours=hours, named=named)
        newest = _newest(row.verdict, len(tables))
        reads = ledger.reads(head.target, newest=newest) if newest else ()
        notes = row.notes if newest or not row.verdict.word.says_all else ()
        rows.append(replace(row, notes=notes, reads=tuple(evidence(one) for one in reversed(reads))))
    moments = [row.trusted for row in rows if not row.verdict.word.needs_somebody and row.trusted is not None]
    return Page(
        source=config.source, named=named, ledger=str(ledger), uuid=str(ledger.uuid), now=utc(now), hours=hours,
        old_after=max(OLD, min((table.cadence.longest for table in tables), default=OLD) * 3 / 2),
        needs=needs({row.status.table: row.verdict for row in rows} | _of_summaries(named, summaries)),
        rows=tuple(sorted(rows, key=lambda row: row.verdict.word.rank)),
        holders=holders([row.status for row in rows], postgres=any(map(_of_postgres, heads))),
        trusted=min(moments, default=None), well=len(moments), summaries=tuple(summaries),
        left_behind=_left_behind(config, ledger, summaries),
    )  # fmt: skip


def _of_summaries(named: str, summaries: Sequence[SummaryStatus]) -> dict[str, Verdict]:
    """Of those whose files can't be used: no task fails of that, and none of the source's is built."""
    command = command_line("check", named)
    return {
        f"summaries/{one.summary}": Verdict(
            word=Word.BLOCKED, why=f"no summary is built: {one.unusable}", command=command
        )
        for one in summaries
        if one.unusable
    }


def _left_behind(config: SourceConfig, ledger: Ledger, summaries: Sequence[SummaryStatus]) -> tuple[LeftBehind, ...]:
    filled = {*map(config.bigquery.current_table, config.tables.values()), *(one.target for one in summaries)}
    return tuple(one for one in left_behind(config, ledger, filled, most=MOST_ASKED) if one.is_of(config.source))


def _of_postgres(head: Head) -> bool:
    """Whether its last read's snapshot bears what only PostgreSQL's do."""
    last = head.last
    return last is not None and (last.snapshot.base is not None or "timeline" in last.snapshot.place)


def _newest(said: Verdict, tables: int) -> int:
    """How many reads are shown of a table."""
    if tables <= FEW_TABLES:
        return READS
    return READS_OF_MANY if said.word.needs_somebody else 0


def _row(table: TableConfig, head: Head, *, now: datetime, hours: Interval, named: str) -> Row:
    status, due = of_head(table, head, now, named), table.cadence.boundary(now)
    whole = stretches(head.coverage, table.start, due)
    return Row(
        status=status,
        verdict=verdict(named, status, now),
        moment=moment(status),
        trusted=None if status.unbalanced or status.wrong else moment(status),
        recent=bars.recent(since(whole, hours.low), hours.low, hours.high),
        since_start=bars.since_start(whole, table.start, due),
        notes=tuple(one for one in words_of(status) if one != IDLE),
    )


def _hours(now: datetime) -> Interval:
    """The last of them ends with the hour that ``now`` lies in."""
    whole = utc(now).replace(minute=0, second=0, microsecond=0)
    high = whole if whole == now else whole + HOUR
    return Interval(low=high - HOURS * HOUR, high=high)
