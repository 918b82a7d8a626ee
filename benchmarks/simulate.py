"""A year of hourly runs of 1,000 tables, with faults, through the real core: what is read twice, and when it is sealed.

    make simulate                                     a year; rewrites benchmarks/scale/simulated.json and docs/scale.md
    python benchmarks/simulate.py --tables 50 --hours 500      nothing is written

Decisions, watermarks, coverage, every change of a head and the documents that a ledger stores are the product's own
(``plugins/floodmark/core``). Rows are counted, not made; tables to which the same happened are one
(``scale/cohort.py``).
Fails where a row that a seal promises was never returned to a read. No clock: the same seed, the same numbers.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "scale"))

from cohort import LASTS, STEPS, Closed, Cohort
from world import HOUR, World

from floodmark.adapters.ledger.documents import document, restore, text
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.requested import Requester

HERE = Path(__file__).resolve().parent
SETTLES = 60.0
"""Seconds after an hour's end at which the first tables look."""
GROUPS, APART = 3, 120.0
"""The tables look in so many groups, so many seconds one after the other."""
RESULT = HERE / "scale" / "simulated.json"


@dataclass(frozen=True, kw_only=True)
class Faults:
    """How often what goes wrong: per table and hour, but for ``pauses``, which are a year's, of the whole source."""

    fails: float = 3e-5
    dies: float = 3e-5
    backfills: float = 3e-6
    reloads: float = 1e-5
    pauses: int = 6
    pause_hours: tuple[int, int] = (2, 30)
    backfill_hours: int = 48


@dataclass(kw_only=True)
class Sums:
    """What all runs of all tables come to. Rows are returned by the source; ``lags`` are seconds, by tables."""

    tables: int
    hours: int
    runs: int = 0
    idle: int = 0
    reads: int = 0
    reads_empty: int = 0
    new: float = 0
    again: float = 0
    recheck: float = 0
    asked_again: float = 0
    arms: int = 0
    read_bytes: int = 0
    head_bytes: int = 0
    head_most: int = 0
    segments_most: int = 0
    failed: int = 0
    died: int = 0
    backfilled: int = 0
    reloaded: int = 0
    paused: int = 0
    steps: int = 0
    lags: Counter[int] = field(default_factory=Counter)

    def add(self, cohort: Cohort, closed: list[Closed]) -> None:
        """A run of a cohort, and what it closed."""
        self.steps += 1
        self.runs += cohort.tables
        self.idle += cohort.tables * (not closed)
        for one in closed:
            returned, many = one.returned, cohort.tables
            self.reads += many
            self.reads_empty += many * (not one.read.rows)
            self.new += many * (returned.asked_new + returned.again_new)
            self.again += many * (returned.again - returned.again_new)
            self.recheck += many * returned.recheck
            self.asked_again += many * (returned.asked - returned.asked_new)
            self.arms += many * returned.arms
            self.read_bytes += many * len(text(document(Read, one.read)))
            for lag in one.lags:
                self.lags[round(lag)] += many

    def told(self) -> dict[str, Any]:
        """For JSON: the counts, and of the lags median, 99 % and most."""
        found = {name: value for name, value in asdict(self).items() if name != "lags"}
        return found | {"lag": {str(share): self.lag(share) for share in (0.5, 0.9, 0.99, 0.999, 1.0)}}

    def lag(self, share: float) -> int:
        """Within so many seconds after its end this share of all slices was sealed."""
        left = share * self.lags.total()
        for lag in sorted(self.lags):
            left -= self.lags[lag]
            if left <= 0:
                return lag
        return max(self.lags, default=0)


class Simulation:
    """All tables over all hours."""

    def __init__(self, *, tables: int, hours: int, rows: float, template: Read, seed: int = 1,
                 faults: Faults | None = None, ids: bool = True) -> None:  # fmt: skip
        self.world = World(hours=hours, rate=rows / HOUR, seed=seed, ids=ids)
        self.faults, self.chance = faults or Faults(), random.Random(seed + 1)
        self.sums = Sums(tables=tables, hours=hours)
        groups = min(GROUPS, tables)
        self.cohorts = [
            Cohort(
                tables=tables // groups + (group < tables % groups), offset=SETTLES + group * APART,
                world=self.world, template=template,
            )
            for group in range(groups)
        ]  # fmt: skip
        self._paused = self._pauses(hours)
        self._missed = 0

    def _pauses(self, hours: int) -> set[int]:
        found: set[int] = set()
        for _ in range(round(self.faults.pauses * hours / 8760)):
            first = self.chance.randrange(1, hours)
            found.update(range(first, first + self.chance.randint(*self.faults.pause_hours)))
        return found & set(range(1, hours - 3))

    def run(self) -> Sums:
        """Every hour, and as many after the last as the longest transaction needs."""
        last = self.sums.hours
        for hour in range(1, last + 8):
            if hour <= last:
                for cohort in self.cohorts:
                    cohort.slice_ended(hour * HOUR)
            if hour in self._paused:
                self.sums.paused += 1
                continue
            for cohort in [*self.cohorts]:
                self._hour(cohort, hour)
            self._together(hour * HOUR)
        for cohort in self.cohorts:
            if cohort.waiting:
                raise AssertionError(f"never sealed: slices that end at {cohort.waiting}")
            self._weigh(cohort)
        return self.sums

    def _hour(self, cohort: Cohort, hour: int) -> None:
        now = hour * HOUR + cohort.offset
        for fault, one in self._apart(cohort):
            if fault == "fails":
                self.sums.failed += one.tables
                continue
            if fault == "backfills" and hour > self.faults.backfill_hours + 1:
                self.sums.backfilled += one.tables
                self._backfill(one, hour, now - HOUR / 2)
            if fault == "reloads":
                self.sums.reloaded += one.tables
                self.sums.add(one, one.run(now - HOUR / 2, low=0, high=1, whole=True))
            dies = self.chance.choice(STEPS) if fault == "dies" else ""
            self.sums.died += one.tables * bool(dies)
            self.sums.add(one, one.run(now, low=(hour - 1) * HOUR, high=hour * HOUR, dies=dies))
            if self.sums.steps % 500 == 0:
                self._kept(one)

    def _backfill(self, one: Cohort, hour: int, now: float) -> None:
        for number, old in enumerate(range(hour - 1 - self.faults.backfill_hours, hour - 1)):
            low = old * HOUR
            self.sums.add(one, one.run(now + number * LASTS / 2, low=low, high=low + HOUR, by=Requester.BACKFILL))

    def _apart(self, cohort: Cohort) -> Iterator[tuple[str, Cohort]]:
        """The tables to which something happens this hour, each kind for itself, then the others."""
        for fault in ("fails", "dies", "backfills", "reloads"):
            hit = sum(self.chance.random() < getattr(self.faults, fault) for _ in range(cohort.tables))
            if 0 < hit < cohort.tables:
                self.cohorts.append(cohort.apart(hit))
                yield fault, self.cohorts[-1]
            elif hit:
                yield fault, cohort
                return
        yield "", cohort

    def _together(self, now: float) -> None:
        """Tables that stand alike again are one cohort again."""
        if len(self.cohorts) <= GROUPS:
            return
        alike: dict[Any, Cohort] = {}
        for cohort in self.cohorts:
            other = alike.setdefault(cohort.state(now) if cohort.head.open is None else id(cohort), cohort)
            if other is not cohort:
                other.tables += cohort.tables
        self.cohorts = [*alike.values()]

    def _kept(self, cohort: Cohort) -> None:
        """A head comes back from its document as it was."""
        found = json.loads(text(document(Head, cohort.head)))
        if restore(Head, found, where="simulation") != cohort.head:
            raise AssertionError("a head came back another one from its document")
        self.sums.head_most = max(self.sums.head_most, len(text(found)))
        self.sums.segments_most = max(self.sums.segments_most, len(cohort.head.coverage))

    def _weigh(self, cohort: Cohort) -> None:
        self.sums.head_bytes += cohort.tables * len(text(document(Head, cohort.head)))
        self._kept(cohort)


def without_ids(*, rows: float, seed: int) -> float:
    """What of the rows is read a second time where no row tells its transaction: all that is, is read whole."""
    faults = Faults(fails=0, dies=0, backfills=0, reloads=0, pauses=0)
    sums = Simulation(tables=1, hours=2000, rows=rows, template=template(), seed=seed, faults=faults, ids=False).run()
    return sums.asked_again / sums.new


def template() -> Read:
    """A read as ``make scale-measure`` found it in a ledger."""
    found: Read = restore(Read, json.loads((HERE / "scale" / "read.json").read_text()), where="read.json")
    return found


def show(sums: Sums) -> str:
    """For people."""
    share, rows = sums.again / sums.new, sums.new + sums.again + sums.asked_again
    return "\n".join(
        (
            f"{sums.tables:,} tables, {sums.hours:,} hours: {sums.runs:,} runs, {sums.idle:,} of them idle",
            f"faults: {sums.failed:,} failed, {sums.died:,} died, {sums.reloaded:,} reloads, "
            f"{sums.backfilled:,} backfills, {sums.paused:,} hours paused",
            f"rows: {rows:,.0f} returned; {share:.2%} read again by the watermark "
            f"({sums.recheck / sums.new:.2%} in slices sealed before), "
            f"{sums.asked_again / sums.new:.2%} since somebody asked",
            f"reads: {sums.reads:,}, {sums.reads_empty:,} of no rows, {sums.arms / sums.reads:.2f} arms each",
            f"ledger: {sums.read_bytes / 1e9:,.1f} GB of reads, {sums.read_bytes / sums.reads:,.0f} bytes each; "
            f"{sums.head_bytes / 1e6:,.1f} MB of heads, {sums.head_most:,} bytes at most, "
            f"{sums.segments_most} segments",
            "sealed: " + ", ".join(f"{share:.1%} within {sums.lag(share):,} s" for share in (0.5, 0.9, 0.99, 1.0)),
        )
    )


def main() -> None:
    """Simulate, and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tables", type=int, default=1000)
    words.add_argument("--hours", type=int, default=8760)
    words.add_argument("--rows", type=float, default=50_000, help="rows that are written per table and hour")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true", help="write scale/simulated.json")
    asked = words.parse_args()
    simulation = Simulation(
        tables=asked.tables, hours=asked.hours, rows=asked.rows, template=template(), seed=asked.seed
    )
    sums = simulation.run()
    print(show(sums))
    if asked.write:
        without = without_ids(rows=asked.rows, seed=asked.seed)
        told = {"rows_per_hour": asked.rows, "seed": asked.seed, **sums.told(), "without_ids": without}
        RESULT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
