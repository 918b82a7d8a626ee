"""A backfill of many slices while the same DAG goes on: what is waited for, and what holds at the end.

Slices are two minutes wide, so that scheduled runs of the same tables come by all the while, and meet the backfill's at
the tables' leases.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from tests.schedulers.end import at_rest, now, wrong
from tests.schedulers.runs import Run, Runs
from tests.schedulers.shop import Shop
from tests.schedulers.source import until
from tests.schedulers.traffic import Traffic

SLICES = int(os.environ.get("BACKFILL_SLICES", "48"))
WIDTH = timedelta(minutes=2)
TIMEOUT = 400 + 4 * SLICES
"""Seconds that the whole may take, on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class LongBackfill:
    """Slices to be backfilled, up to the running hour; what has come since is left to the DAG itself."""

    shop: Shop

    @classmethod
    def of(cls, shop: Shop, now: datetime) -> Self:
        """Up to the running hour."""
        hours = -(-SLICES * WIDTH // timedelta(hours=1))
        high = now.replace(minute=0, second=0, microsecond=0)
        return cls(shop=replace(shop, start=high - SLICES * WIDTH, hours=hours))

    @property
    def dag(self) -> str:
        """The DAG that is backfilled."""
        return self.shop.name

    @property
    def dates(self) -> tuple[str, str]:
        """Of the first and the last interval of the backfill."""
        first, last = self.shop.start, self.shop.start + (SLICES - 1) * WIDTH
        return first.isoformat(), last.isoformat()

    def create(self) -> None:
        """Its tables and its source."""
        self.shop.create(cadence="2m", catchup="span")

    def reach(self, share: float, runs: Runs, traffic: Traffic, evidence: Callable[[], str]) -> None:
        """Wait until a share of the backfill's runs have ended, well. Not one may be left by the end of it."""
        wanted = round(share * SLICES)

        def reached() -> bool:
            traffic.check()
            return len(runs.ended_well(self.dag, "backfill")) >= wanted

        until(f"{wanted} runs of the backfill", reached, TIMEOUT, evidence, every=1)
        print(f"{now():%H:%M:%S} {wanted} runs of the backfill have ended")

    def holds(self, runs: Runs, traffic: Traffic, typed: datetime, evidence: Callable[[], str]) -> None:
        """Now that nobody writes any more: current is the source, and it was as busy beside the backfill as meant."""
        stopped = now()
        at_rest(self.shop, stopped, evidence)
        assert wrong(self.shop, stopped) == []
        assert min(traffic.done[kind] for kind in ("transactions", "rollbacks", "prepared", "late")) > 0
        assert len(self.beside(runs, typed)) >= 1 + SLICES // 240
        assert {run.high - run.low for run in runs.ended_well(self.dag, "scheduled")} == {WIDTH}

    def beside(self, runs: Runs, since: datetime) -> list[Run]:
        """The scheduled runs that ended while the backfill was under way, which was typed at ``since``.

        Typed once more on Airflow 2, it begins the runs that are over anew, so their own word for it is too late.
        """
        last = max(run.ended for run in runs.of(self.dag, "backfill") if run.ended)
        return [run for run in runs.over(self.dag, "scheduled") if run.ended and since < run.ended < last]
