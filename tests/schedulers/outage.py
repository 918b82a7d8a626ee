"""Two shops with runs every minute, before and after an outage: of one each missed run is done, of the other none.

Rows are written all the time. There ``catchup`` is true, here it is ``span``: the first run after the outage reads all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Self

from tests.schedulers.end import at_rest, now, wrong
from tests.schedulers.runs import Runs
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

MINUTE = timedelta(minutes=1)
MISSED = 4
"""Ends of slices that pass while nobody is there."""


@dataclass(frozen=True, kw_only=True)
class Outage:
    """``each`` catches up run by run, ``span`` by one."""

    each: Shop
    span: Shop
    runs: Runs

    @classmethod
    def of(cls, each: Shop, span: Shop, runs: Runs) -> Self:
        """Both without a history, from a minute ago on."""
        start = _minute(now()) - MINUTE
        each, span = (replace(shop, start=start, hours=0) for shop in (each, span))
        return cls(each=each, span=span, runs=runs)

    def create(self) -> None:
        """Their tables and their YAML."""
        self.each.create(cadence="1m", catchup=True)
        self.span.create(cadence="1m", catchup="span")

    def ran(self, evidence: Callable[[], str]) -> None:
        """Wait until both have run."""
        until("a run of both", lambda: all(self._over(shop) for shop in (self.each, self.span)), 180, evidence, every=1)

    def lasts(self) -> None:
        """Let it pass."""
        time.sleep((_minute(now()) + MISSED * MINUTE + timedelta(seconds=5) - now()).total_seconds())

    def overcome(self, evidence: Callable[[], str]) -> None:
        """Wait until all that was written until now, the end of the writing, is vouched for; and see how it came."""
        stopped = now()
        for shop in (self.each, self.span):
            at_rest(shop, stopped, evidence)
            assert wrong(shop, stopped) == []
        last = _minute(stopped) - MINUTE

        def all_over() -> bool:
            """A run ends later than its reads do."""
            return set(self._steps(self.each)) == {MINUTE} and self._over(self.each)[-1] >= last

        until("a run of each slice's own", all_over, 300, evidence, every=1)
        missed = (MISSED - 1) * MINUTE  # Airflow 2 still does the one that it had planned before
        assert max(self._steps(self.span)) >= missed, "most of what was missed has no run"
        widths = [span.interval.width for read in self.span.reads("orders") for span in read.spans if read.rows]
        assert max(widths) >= missed, f"it was read by another, as one: {list(map(str, widths))}"

    def _over(self, shop: Shop) -> list[datetime]:
        return [run.low for run in self.runs.ended_well(shop.name, "scheduled")]

    def _steps(self, shop: Shop) -> list[timedelta]:
        """From each run's interval to the next one's."""
        return [later - earlier for earlier, later in pairwise(self._over(shop))]


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
