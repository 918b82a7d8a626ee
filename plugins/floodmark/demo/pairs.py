"""A source's configuration, catalog and ledger -> what is to be compared, and what raw tells of late commits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import Ledger, Source
from floodmark.core.resolve.table import resolve
from floodmark.core.time.interval import Interval, subtract
from floodmark.core.unheld import BadValues
from floodmark.demo.pair import Pair


@dataclass(frozen=True, kw_only=True)
class Synced:
    """A table as the ledger has it: what to compare, where raw is, and the applied reads in order."""

    pair: Pair
    raw: str
    coverage: Coverage
    reads: tuple[Read, ...]

    @property
    def slices(self) -> int:
        """How many slices it has been asked for, told by their ends; for a table without a cursor, how many reads."""
        if not self.pair.cursor:
            return len(self.reads)
        return len({span.interval.high for read in self.reads for span in read.spans if not span.recheck})

    @property
    def last_read_at(self) -> datetime | None:
        """When it was read last, UTC."""
        return self.reads[-1].read_at if self.reads else None


def synced(config: SourceConfig, source: Source, ledger: Ledger, file: str) -> Iterator[Synced]:
    """Every table of a source. ``file`` is the configuration's, for messages. Raises what the catalog and it say."""
    for table in config.tables.values():
        yield _synced(config, table, source, ledger, file)


def _synced(config: SourceConfig, table: TableConfig, source: Source, ledger: Ledger, file: str) -> Synced:
    schema = source.describe(table.relation.schema, table.relation.name)
    resolved = resolve(table, schema, file)
    place = config.bigquery
    head = ledger.head(place.current_table(table))
    reads = tuple(read for read in ledger.reads(head.target) if read.state is State.APPLIED)
    removed = table.deletes.how == "soft" and table.deletes.mode == "remove"
    pair = Pair(
        name=f"{config.source}.{table.name}",
        schema=table.relation.schema,
        table=table.relation.name,
        current=head.target,
        columns=resolved.columns,
        key=resolved.key,
        cursor=resolved.cursor,
        deleted=table.deletes.soft or "" if removed else "",
        where=table.where or "",
        holds_out=BadValues(table.bad_values) is BadValues.QUARANTINE,
        start=table.start,
        up_to=coverages.sealed_up_to(head.coverage, table.start) if resolved.cursor else None,
    )
    raw = place.raw_table(table)
    return Synced(pair=pair, raw=raw, coverage=head.coverage, reads=reads)


def first_reads(reads: Sequence[Read]) -> list[tuple[Interval, datetime]]:
    """Which read was the first to read each moment of the cursor whole: disjoint intervals in order, ``read_at``."""
    seen: list[Interval] = []
    firsts: list[tuple[Interval, datetime]] = []
    for read in reads:
        for span in read.spans:
            if span.base is None and read.kind in (Kind.FIRST, Kind.SLICE):
                firsts += [(new, read.read_at) for new in subtract([span.interval], seen)]
                seen.append(span.interval)
    return sorted(firsts, key=lambda first: first[0])


def late_commits(warehouse: Any, table: Synced) -> int:
    """Transactions whose rows below the seal are in current, though the first read of their slice did not see them.

    A plain ``[start, end)`` slice, read at that moment, would have lost them. Raw has what every read saw; rows of one
    transaction share their cursor, which is its ``now()``.
    """
    up_to = table.pair.up_to
    if not table.pair.cursor or up_to is None or not any(read.rows for read in table.reads):
        return 0
    query = f"SELECT _floodmark_cursor AS c, MIN(_floodmark_read_at) AS r FROM `{table.raw}` GROUP BY 1"
    return sum(1 for moment in _late(first_reads(table.reads), warehouse.query(query).result()) if moment < up_to)


def _late(firsts: Sequence[tuple[Interval, datetime]], rows: Iterable[Mapping[str, Any]]) -> Iterator[datetime]:
    """The cursors (``c``) that were seen (``r``) after the first read of their moment; a key that is gone has none."""
    lows = [interval.low for interval, _ in firsts]
    for row in rows:
        if row["c"] is None:
            continue
        place = bisect_right(lows, row["c"]) - 1
        if place >= 0 and row["c"] in firsts[place][0] and row["r"] > firsts[place][1]:
            yield row["c"]
