"""How often a table is synced. It cuts time into slices: the same ones for every schedule, command and gap.

An even cadence counts from midnight UTC on. A cron's slices lie between the moments at which it fires, so they needn't
be equally long; those moments are exactly Airflow's (``CronDataIntervalTimetable``), also where a zone's clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from floodmark.core.time import duration
from floodmark.core.time.interval import Interval, utc
from floodmark.core.time.units import DAY, EPOCH

LENGTHS = tuple(
    [timedelta(minutes=n) for n in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)]
    + [timedelta(hours=n) for n in (1, 2, 3, 4, 6, 8, 12, 24)]
)
"""Every length that cron can say and that divides the day evenly: slices begin at the same times each day."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Every:
    """Slices of one length, from midnight UTC on."""

    length: timedelta
    timezone = "UTC"

    def __str__(self) -> str:
        """As one writes it: ``3h``."""
        return duration.render(self.length)

    @property
    def name(self) -> str:
        """What its DAG's id ends in."""
        return str(self)

    @property
    def longest(self) -> timedelta:
        """How long a slice is at most."""
        return self.length

    @property
    def shortest(self) -> timedelta:
        """How long a slice is at least."""
        return self.length

    @property
    def mean(self) -> timedelta:
        """How long a slice is."""
        return self.length

    @property
    def written(self) -> str:
        """As one writes it in YAML."""
        return str(self)

    @property
    def cron(self) -> str:
        """The cron expression, of one of :data:`LENGTHS`; every slice ends when it fires."""
        minutes = self.length // _MINUTE
        if minutes == 1:
            return "* * * * *"
        if minutes < 60:
            return f"*/{minutes} * * * *"
        if minutes == 60:
            return "0 * * * *"
        return "0 0 * * *" if minutes == 1440 else f"0 */{minutes // 60} * * *"

    def boundary(self, moment: datetime) -> datetime:
        """The last boundary at or before a moment, UTC: where the last full slice ends."""
        return utc(moment) - (utc(moment) - EPOCH) % self.length

    def after(self, moment: datetime) -> datetime:
        """The first boundary after a moment, UTC."""
        return self.boundary(moment) + self.length

    def is_slice(self, interval: Interval) -> bool:
        """Whether it is as wide as a slice."""
        return interval.width == self.length


@dataclass(frozen=True)
class Cron:
    """Slices between the moments at which a cron of five fields fires, by the clocks of a zone."""

    cron: str
    timezone: str = "UTC"

    def __str__(self) -> str:
        """As one says it: ``0 */5 * * *``, or ``0 */5 * * * Europe/Berlin``."""
        return self.cron if self.timezone == "UTC" else f"{self.cron} {self.timezone}"

    @property
    def name(self) -> str:
        """What its DAG's id ends in: of letters that Airflow allows there, another one for each."""
        return str(self).translate(_IN_IDS)

    @property
    def written(self) -> Any:
        """As one writes it in YAML."""
        return self.cron if self.timezone == "UTC" else {"cron": self.cron, "timezone": self.timezone}

    @cached_property
    def longest(self) -> timedelta:
        """How long a slice is at most, as far as a year and two hundred slices tell."""
        return max(high - low for low, high in self._gaps())

    @cached_property
    def shortest(self) -> timedelta:
        """How long a slice is at least, as far as a year and two hundred slices tell."""
        return min(high - low for low, high in self._gaps())

    @cached_property
    def mean(self) -> timedelta:
        """How long a slice is on average: it fires equally often on each day of a year on which it does."""
        minutes, hours, *_ = self._fires(_FROM.replace(tzinfo=None)).expanded
        a_day = (60 if minutes == ["*"] else len(minutes)) * (24 if hours == ["*"] else len(hours))
        fired = (high for _, high in self._around_midnights() if high <= _FROM + _DAYS * DAY)
        days = {moment.astimezone(self._zone).date() for moment in fired}
        return _DAYS * DAY / (len(days) * a_day)

    def boundary(self, moment: datetime) -> datetime:
        """The last moment at which it fired, at or before this one, UTC: where the last full slice ends."""
        moment = utc(moment)
        before = self._previous(self._previous(moment) if self._even(moment) else moment - _AROUND)
        while (following := self._next(before)) <= moment:
            before = following
        return before

    def after(self, moment: datetime) -> datetime:
        """The moment at which it fires next, UTC."""
        moment = utc(moment)
        return self._next(moment if self._even(moment) else self.boundary(moment))

    def is_slice(self, interval: Interval) -> bool:
        """Whether it is one slice."""
        return self.after(interval.low) == interval.high

    def _even(self, moment: datetime) -> bool:
        """Whether no clock is changed around it: else what is before by the clock may be after in time."""
        here, before, after = (at.astimezone(self._zone) for at in (moment, moment - _AROUND, moment + _AROUND))
        return self._every_hour or here.utcoffset() == before.utcoffset() == after.utcoffset()

    def _next(self, moment: datetime) -> datetime:
        """When it fires after that moment, at which it fires as well."""
        here = moment.astimezone(self._zone).replace(tzinfo=None, fold=0)
        return self._moment(self._fires(here).get_next(datetime), here, moment)

    def _previous(self, moment: datetime) -> datetime:
        here = moment.astimezone(self._zone).replace(tzinfo=None, fold=0)
        return self._moment(self._fires(here).get_prev(datetime), here, moment)

    def _moment(self, fires: datetime, here: datetime, moment: datetime) -> datetime:
        """When it fires by the zone's clocks, in UTC, ``here`` being what they show at ``moment``.

        A cron of every hour goes on by the time that passes, any other by the clock, as Airflow's does: an hour that
        comes twice is taken for its second, one that the clocks leave out for the one after it.
        """
        if self._every_hour:
            return moment + (fires - here)
        second = fires.replace(tzinfo=self._zone, fold=1)
        if second.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != fires:
            second = second.replace(fold=0)  # an hour that isn't: PEP 495 counts it from before the jump
        return second.astimezone(UTC)

    def _fires(self, here: datetime) -> Any:
        from croniter import croniter

        return croniter(self.cron, here)

    @cached_property
    def _every_hour(self) -> bool:
        return bool(self._fires(_FROM.replace(tzinfo=None)).expanded[1] == ["*"])

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def _gaps(self) -> Iterator[tuple[datetime, datetime]]:
        low = self.after(_FROM)
        for _ in range(200):
            high = self._next(low)
            yield low, high
            low = high
        yield from self._around_midnights()

    def _around_midnights(self) -> Iterator[tuple[datetime, datetime]]:
        """The slice in which each midnight of a leap year lies, by UTC."""
        for day in range(_DAYS):
            low = self.boundary(_FROM + day * DAY)
            yield low, self.after(low)


Cadence = Every | Cron

_FROM, _DAYS = datetime(2024, 1, 1, tzinfo=UTC), 366
_AROUND = timedelta(hours=26)
"""More than any change of a zone's clocks, of which the greatest left out a day."""
_IN_IDS = str.maketrans({" ": "_", "*": "x", "/": ".by.", "-": ".to.", ",": ".and.", "#": ".nth.", "+": ".plus."})
