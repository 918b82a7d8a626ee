"""``--last``, ``--from``, ``--to``, ``--full``, ``--gaps`` -> what is asked of each table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from floodmark.core.config import parsers
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.coverage import Coverage
from floodmark.core.refused import Refused
from floodmark.core.time import duration, slices
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, Problem
from floodmark.pipeline.reports.status import missing


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The options, parsed. Without any, the last full slice of each table's cadence is wanted."""

    last: timedelta | None = None
    low: datetime | None = None
    high: datetime | None = None
    full: bool = False
    gaps: bool = False
    anew: bool = False

    def intervals(self, table: TableConfig, coverage: Coverage, now: datetime) -> tuple[Interval, ...]:
        """What is to be read of a table, cut to its start; each may span several slices.

        Raises:
            ConfigurationError: ``--from`` or ``--to`` is no boundary of the table's cadence, or lies ahead of it.
        """
        if self.gaps:
            return missing(table, coverage, now)
        whole = self._whole(table, now).since(table.start)
        return (whole,) if whole else ()

    def _whole(self, table: TableConfig, now: datetime) -> Interval:
        until = table.cadence.boundary(now)
        if self.low is None:
            return slices.newest(self.high or now, table.cadence, self.last)
        high = until if self.high is None else self.high
        if high > until:
            said = f"{table.name}: {high:%Y-%m-%dT%H:%M:%SZ} lies after the last full slice"
            raise refused("--to", said, f"write {until:%Y-%m-%dT%H:%M:%SZ} or earlier")
        try:
            return slices.between(self.low, high, table.cadence)
        except Refused as error:
            raise refused("--from, --to", f"{table.name}: {error.message}", error.remedy) from None


def wanted(*, last: str, low: str, high: str, full: bool, gaps: bool) -> Wanted:
    """The options as they were written; an empty one was not given. Raises ``ConfigurationError``."""
    given = [name for name, value in (("--last", last), ("--from", low), ("--full", full), ("--gaps", gaps)) if value]
    if len(given) > 1:
        raise refused(" and ".join(given), "can't be had together", "give one of them")
    if high and not low:
        raise refused("--to", "has no --from", "give both, or --last")
    if last and not _duration(last):
        raise refused("--last", f'"{last}" is no time at all', "write one such as 1h")
    return Wanted(
        last=_duration(last) if last else None,
        low=instant("--from", low),
        high=instant("--to", high),
        full=full,
        gaps=gaps,
    )


def refused(option: str, message: str, remedy: str) -> ConfigurationError:
    """A usage error in an option's value."""
    return ConfigurationError([Problem(file=option, path="", message=message, remedy=remedy)])


def _duration(text: str) -> timedelta:
    try:
        return duration.parse(text)
    except Refused as error:
        raise refused("--last", f'"{text}" {error.message}', error.remedy) from None


def instant(option: str, text: str) -> datetime | None:
    """A date, or a time with its zone, UTC; None where nothing was written. Raises ``ConfigurationError``."""
    if not text:
        return None
    try:
        return parsers.instant(text)
    except Refused as error:
        raise refused(option, f'"{text}" {error.message}', error.remedy) from None
