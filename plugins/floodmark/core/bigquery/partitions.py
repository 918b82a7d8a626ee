"""The partitions that a read touches, as the fewest ranges: what a merge is pruned to, and split by (R20)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from floodmark.core.bigquery.googlesql import Moment
from floodmark.core.time import wall_clock
from floodmark.core.time.interval import Interval
from floodmark.core.time.units import DAY

MOST_PER_JOB = 3_500
"""A job may modify 4,000 partitions (BigQuery's page "Quotas and limits"); this leaves room."""
MOST_PER_TABLE = 10_000
"""So many has a table at most; the same page."""
NEARLY = 0.8
"""Of the partitions that a table may have: from here on it is said."""
FIRST_YEAR, LAST_YEAR = 1960, 2159
"""Rows from before the one, or after the other, are kept apart from all partitions; the same page."""
MOST_RANGES = 100
"""More ranges than this are joined over their smallest gaps: a filter of thousands of terms is dearer than it saves."""
_FORMATS = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
_LENGTHS = {"hour": 13, "day": 10, "month": 7, "year": 4}


@dataclass(frozen=True, kw_only=True)
class Partitioning:
    """How current is cut: by ``column``, whose ``type`` is DATE, DATETIME or TIMESTAMP, into pieces of one ``unit``."""

    column: str
    type: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """Values ``low <= v < high`` of one of the ``ranges`` (None: without end), and NULL if ``null``."""

    ranges: tuple[tuple[Moment | None, Moment | None], ...]
    null: bool = False


def prune(partitioning: Partitioning, values: Sequence[str | None], *, most_ranges: int = MOST_RANGES) -> Pruning:
    """The ranges that hold the partitions named by ``values`` (ISO dates, hours, months, years; None: NULL).

    Exactly those, unless they are so scattered that more than ``most_ranges`` would be needed.
    """
    ranges: list[tuple[datetime, datetime | None]] = []
    for start in sorted({parse(value, partitioning.unit) for value in values if value is not None}):
        end = following(start, partitioning.unit)
        if ranges and ranges[-1][1] == start:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return Pruning(
        ranges=tuple(
            (_moment(partitioning, low), _moment(partitioning, high)) for low, high in _joined(ranges, most_ranges)
        ),
        null=None in values,
    )


def _joined(ranges: list[tuple[datetime, datetime | None]], most: int) -> list[tuple[datetime, datetime | None]]:
    """The same ranges, joined over the smallest gaps until there are at most ``most``."""
    gaps = [(after[0] - before[1], number) for number, (before, after) in enumerate(pairwise(ranges), 1) if before[1]]
    kept = {number for _, number in sorted(gaps, reverse=True)[: most - 1]}
    joined: list[tuple[datetime, datetime | None]] = []
    for number, (low, high) in enumerate(ranges):
        if number == 0 or number in kept:
            joined.append((low, high))
        else:
            joined[-1] = (joined[-1][0], high)
    return joined


def split(
    partitioning: Partitioning, values: Sequence[str | None], *, whole: bool, most: int = MOST_PER_JOB
) -> Iterator[Pruning]:
    """One pruning per job of at most ``most`` partitions. Each value is in exactly one.

    With ``whole`` they cover every value there can be, as replacing a whole table must; then they meet at the first
    partition of each.
    """
    known = sorted(value for value in set(values) if value is not None)
    chunks = [known[at : at + most] for at in range(0, len(known), most)] or [[]]
    for number, chunk in enumerate(chunks):
        null = number == 0 and (whole or None in values)
        if not whole:
            yield prune(partitioning, [*chunk, *([None] if null else [])])
            continue
        low = parse(chunk[0], partitioning.unit) if number else None
        high = parse(chunks[number + 1][0], partitioning.unit) if number + 1 < len(chunks) else None
        yield Pruning(ranges=((_moment(partitioning, low), _moment(partitioning, high)),), null=null)


def spanning(partitioning: Partitioning, intervals: Iterable[Interval], zone: str) -> Pruning:
    """The values that a column shows of moments in these intervals, as a clock in ``zone`` shows them.

    A TIMESTAMP is the moment itself, whatever the zone.
    """
    return Pruning(
        ranges=tuple(
            (_moment(partitioning, low), _moment(partitioning, high))
            for low, high in (_shown(partitioning.type, interval, zone) for interval in intervals)
        )
    )


def _shown(kind: str, interval: Interval, zone: str) -> tuple[datetime, datetime]:
    match kind:
        case "TIMESTAMP":
            return interval.low, interval.high
        case "DATETIME":
            low, high = wall_clock.wall_clock(interval, zone)
            return low.replace(tzinfo=UTC), high.replace(tzinfo=UTC)
    first, last = wall_clock.days(interval, zone)
    return (
        datetime(first.year, first.month, first.day, tzinfo=UTC),
        datetime(last.year, last.month, last.day, tzinfo=UTC),
    )


def meeting(partitioning: Partitioning, cuts: Sequence[str]) -> Iterator[Pruning]:
    """The prunings that meet at the first moments of ``cuts``, in order: together every value there can be."""
    bounds = [None, *(_moment(partitioning, parse(one, partitioning.unit)) for one in cuts), None]
    for number, ends in enumerate(pairwise(bounds)):
        yield Pruning(ranges=(ends,), null=number == 0)


def cuts(values: Iterable[str], *, most: int = MOST_PER_JOB) -> tuple[str, ...]:
    """Where to cut so that no piece has more than ``most`` of the values; nowhere where one piece has them all."""
    return tuple(sorted(set(values))[most::most])


def peak(before: Collection[str], after: Collection[str], *, most: int | None = None) -> int:
    """The most partitions that a table has at any time while pieces of ``most`` at once are replaced, in order."""
    most = MOST_PER_JOB if most is None else most
    known, counts = sorted({*before, *after}), [len(before)]
    for at in range(0, len(known), most):
        piece = known[at : at + most]
        counts.append(counts[-1] + sum((one in after) - (one in before) for one in piece))
    return max(counts)


def outside(values: Iterable[str | None]) -> tuple[str, ...]:
    """Those that have no partition of their own, in order."""
    return tuple(
        sorted(value for value in values if value is not None and not str(FIRST_YEAR) <= value[:4] <= str(LAST_YEAR))
    )


def held(values: Iterable[str | None]) -> frozenset[str]:
    """The partitions that BigQuery keeps their rows in."""
    known = set(values)
    apart = outside(known)
    beside = {*(["__NULL__"] if None in known else []), *(["__UNPARTITIONED__"] if apart else [])}
    return frozenset({value for value in known if value is not None} - set(apart) | beside)


def between(low: datetime, high: datetime, unit: str) -> int:
    """How many partitions there are from the one of ``low`` to that of ``high``, both counted."""
    match unit:
        case "hour":
            return (_on_the_hour(high) - _on_the_hour(low)) // timedelta(hours=1) + 1
        case "day":
            return (high.date() - low.date()).days + 1
        case "month":
            return (high.year - low.year) * 12 + high.month - low.month + 1
    return high.year - low.year + 1


def _on_the_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def longer(unit: str) -> str:
    """The next unit, of which a table needs fewer partitions."""
    return {"hour": "day", "day": "month"}.get(unit, "year")


def count(values: Iterable[str | None]) -> int:
    """How many partitions are touched."""
    return len(set(values))


def partition_of(value: date | None, unit: str) -> str | None:
    """The partition in which a value of the column lies, as a manifest names it; a moment's own zone is UTC."""
    return None if value is None else value.isoformat()[: _LENGTHS[unit]]


def parse(value: str, unit: str) -> datetime:
    """The first moment of a partition, in UTC. Raises ``ValueError`` for a value of another unit."""
    return datetime.strptime(value, _FORMATS[unit]).replace(tzinfo=UTC)


def following(start: datetime, unit: str) -> datetime | None:
    """The first moment of the next partition; None past the year 9999."""
    try:
        match unit:
            case "hour":
                return start + timedelta(hours=1)
            case "day":
                return start + DAY
            case "month":
                return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        return start.replace(year=start.year + 1)
    except (OverflowError, ValueError):
        return None


def _moment(partitioning: Partitioning, at: datetime | None) -> Moment | None:
    return None if at is None else Moment(type=partitioning.type, at=at)
