"""A month of a shop's history, to be backfilled while the shop goes on: what is waited for, and what holds at the end.

The same tables are synced by two sources at once: by the hour, whose DAG is backfilled while it runs, and by the minute
from the running hour on, so that many scheduled runs come by while the backfill is under way. They share the ledger,
and so the tables' leases.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from tests.schedulers.end import at_rest, now, wrong
from tests.schedulers.runs import Run, Runs
from tests.schedulers.shop import Shop, iso, until
from tests.schedulers.traffic import Traffic

DAYS = int(os.environ.get("MONTH_DAYS", "30"))
LIVE = "_live"
TIMEOUT = 400 + 100 * DAYS
"""Seconds that the whole may take, on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """Days to be backfilled, and after them an hour, the newest, which is left to the hourly DAG itself."""

    shop: Shop

    @classmethod
    def of(cls, shop: Shop, now: datetime) -> Self:
        """Up to the running hour."""
        hours = 24 * DAYS + 1
        high = now.replace(minute=0, second=0, microsecond=0)
        return cls(shop=replace(shop, start=high - timedelta(hours=hours), hours=hours))

    @property
    def hourly(self) -> str:
        """The DAG that is backfilled."""
        return self.shop.name

    @property
    def live(self) -> str:
        """The DAG that comes every minute."""
        return self.shop.name + LIVE

    @property
    def dates(self) -> tuple[str, str]:
        """Of the first and the last interval of the backfill."""
        return iso(0, self.shop.start), iso(24 * DAYS - 1, self.shop.start)

    def create(self) -> None:
        """Its tables and both sources."""
        self.shop.create()
        running = self.shop.start + timedelta(hours=self.shop.hours)
        self.shop.write(LIVE, cadence="1m", catchup="span", start=running)

    def reach(self, share: float, runs: Runs, traffic: Traffic, evidence: Callable[[], str]) -> None:
        """Wait until a share of the backfill's runs have ended, well. Not one may be left by the end of it."""
        wanted = round(share * 24 * DAYS)

        def reached() -> bool:
            traffic.check()
            return len(runs.ended_well(self.hourly, "backfill")) >= wanted

        until(f"{wanted} runs of the backfill", reached, TIMEOUT, evidence, every=1)
        print(f"{now():%H:%M:%S} {wanted} runs of the backfill have ended")

    def holds(self, runs: Runs, traffic: Traffic, typed: datetime, evidence: Callable[[], str]) -> None:
        """Now that nobody writes any more: current is the source, and it was as busy beside the backfill as meant."""
        stopped = now()
        at_rest(self.shop, stopped, evidence)
        assert wrong(self.shop, stopped) == []
        assert min(traffic.done[kind] for kind in ("transactions", "rollbacks", "prepared", "late")) > 0
        beside = self.beside(runs, typed)
        assert len(beside[self.hourly]) >= 1
        assert len(beside[self.live]) >= 1 + DAYS // 3
        assert {run.high - run.low for run in runs.ended_well(self.live, "scheduled")} == {timedelta(minutes=1)}

    def beside(self, runs: Runs, since: datetime) -> dict[str, list[Run]]:
        """The scheduled runs of each DAG that ended while the backfill was under way, which was typed at ``since``.

        Typed once more on Airflow 2, it begins the runs that are over anew, so their own word for it is too late.
        """
        last = max(run.ended for run in runs.of(self.hourly, "backfill") if run.ended)
        return {dag: [run for run in runs.over(dag, "scheduled") if run.ended and since < run.ended < last]
                for dag in (self.hourly, self.live)}  # fmt: skip
