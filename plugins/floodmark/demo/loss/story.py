"""The ledger's word on one slice that was held back: what was read at first, and what was read again later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table

from floodmark.core.ledger.read import Read, State
from floodmark.core.time.interval import Interval


@dataclass(frozen=True, kw_only=True)
class Story:
    """``first`` read the slice while somebody held its seal back; ``again`` brought ``rows`` committed since then."""

    slice: Interval
    first: Read
    again: Read
    rows: int

    def table(self) -> Table:
        """Two lines of the ledger."""
        low, high = _clock(self.slice.low), _clock(self.slice.high)
        table = Table(title=f"One slice in the ledger: {low} .. {high}", caption=self._end())
        for heading in ("read at", "rows", "proves all before", "held back by"):
            table.add_column(heading)
        for read, rows in ((self.first, f"{self.first.rows:,}"), (self.again, f"{self.rows:,} new")):
            proved = _clock(read.watermark) if read.watermark else "nothing"
            table.add_row(_clock(read.read_at), rows, proved, _transaction(read))
        return table

    def _end(self) -> str:
        span = next(span for span in self.again.spans if span.interval.meets(self.slice))
        since = "whole" if span.base is None else f"only rows of transactions from {span.base} on"
        return f"At first it was loaded as provisional. Read again: {since}."


def tell(reads: Sequence[Read], raw: Iterable[tuple[int, datetime, datetime]]) -> Story | None:
    """The slice that gained most rows after it was first read; None where none did.

    ``reads`` are the ledger's, in order; ``raw`` is version, cursor and ``read_at`` of every row that any of them saw.
    """
    born: dict[int, tuple[datetime, datetime]] = {}
    for version, cursor, read_at in sorted(raw, key=lambda row: row[2]):
        born.setdefault(version, (cursor, read_at))
    stories = _stories([read for read in reads if read.state is State.APPLIED], list(born.values()))
    return max(stories, key=lambda story: story.rows, default=None)


def _stories(reads: Sequence[Read], born: Sequence[tuple[datetime, datetime]]) -> Iterator[Story]:
    for place, first in enumerate(reads):
        asked = next((span.interval for span in reversed(first.spans) if span.base is None), None)
        if asked is None or not first.held_by or (first.watermark is not None and first.watermark >= asked.high):
            continue
        for again in reads[place + 1 :]:
            rows = sum(cursor in asked and read_at == again.read_at for cursor, read_at in born)
            if rows:
                yield Story(slice=asked, first=first, again=again, rows=rows)


def _transaction(read: Read) -> str:
    """The one who holds it back: the oldest, whose start is the watermark unless the clock is."""
    known = [transaction for transaction in read.held_by if transaction.since is not None]
    if not known:
        return "; ".join(read.reasons) or "nobody"
    oldest = min(known, key=lambda transaction: transaction.since or read.read_at)
    return f"pid {oldest.pid} ({oldest.application}), open since {_clock(oldest.since or read.read_at)}"


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S.%f}"[:-3]
