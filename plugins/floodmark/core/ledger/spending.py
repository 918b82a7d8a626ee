"""What BigQuery billed for a table, by day and step: kept in its head, so that an account of it costs nothing (R20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

KEPT = timedelta(days=35)
"""A head remembers so many days: a month, whatever its length, and a few more."""


RUNS = 8
"""More runs of a table than that are hardly under way at once."""


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What several jobs and questions billed together; those that billed nothing don't count."""

    bytes: int = 0
    jobs: int = 0

    def __add__(self, other: Bill) -> Bill:
        """Both together."""
        return Bill(bytes=self.bytes + other.bytes, jobs=self.jobs + other.jobs)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """The bill of one step on one day (UTC). ``step`` is a Step's name or a Question's, as in the jobs' labels."""

    day: date
    step: str
    bill: Bill


@dataclass(frozen=True, kw_only=True)
class OfRun:
    """The bill of one run."""

    run_id: str
    bill: Bill


@dataclass(frozen=True, kw_only=True)
class Spending:
    """``days`` in order, the newest last; ``runs`` are the few that billed last, the newest last."""

    days: tuple[Spent, ...] = ()
    runs: tuple[OfRun, ...] = ()

    def on(self, day: date) -> int:
        """Bytes billed on a day (UTC)."""
        return sum(spent.bill.bytes for spent in self.days if spent.day == day)

    def of(self, run_id: str) -> int:
        """Bytes billed by a run."""
        return sum(one.bill.bytes for one in self.runs if run_id and one.run_id == run_id)


NOTHING_SPENT = Spending()


def spend(before: Spending, bills: Mapping[str, Bill], *, run_id: str, now: datetime) -> Spending:
    """The same account with what was billed by ``now`` for a run, by step. Days of long ago are forgotten."""
    today = now.astimezone(UTC).date()
    account = {(spent.day, spent.step): spent.bill for spent in before.days if spent.day > today - KEPT}
    for step, bill in bills.items():
        account[today, step] = account.get((today, step), Bill()) + bill
    days = tuple(Spent(day=day, step=step, bill=bill) for (day, step), bill in sorted(account.items()))
    if not run_id:
        return replace(before, days=days)
    others = tuple(one for one in before.runs if one.run_id != run_id)
    so_far = sum((one.bill for one in before.runs if one.run_id == run_id), Bill())
    newest = OfRun(run_id=run_id, bill=sum(bills.values(), so_far))
    return Spending(days=days, runs=(*others, newest)[-RUNS:])
