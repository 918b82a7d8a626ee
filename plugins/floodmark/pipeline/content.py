"""Current's content, of a table that is read whole, held against the read that it holds (R36).

The source has moved on since; raw holds the read, for its retention. What its rows come to is kept in the ledger, so
that current alone is asked afterwards, as long as it holds that read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from floodmark.core import balance as core
from floodmark.core.bigquery import checksum_sql, drift
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.merge import Merge
from floodmark.core.checksum import NOTHING
from floodmark.core.ledger.balance import Content
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Question
from floodmark.pipeline import targets
from floodmark.pipeline.budget import Wanted, afford
from floodmark.pipeline.table_run import TableRun

LEFT = "content was not compared: "
"""So begins why."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """It was not compared this time, and why."""

    reason: str


def content(run: TableRun, head: Head, at: datetime, *, daily: bool) -> Content | Left:
    """Compare all of current with the read that it holds, if that is due and allowed. There is a current table.

    Raises:
        BudgetReached: it would cost more than the source's budget leaves.
        TargetMismatch: current isn't ours.
    """
    last, before = head.last, head.balance.content or _of_reads(run)
    if last is None or before is None:
        return Left(reason=f"{LEFT}the ledger doesn't say which read it holds: {run.command('reload')}")
    read = replace(last, read_at=before.read_at)
    there = run.ports.warehouse.standing(targets.tables(run, head, read, run.ports.ledger.uuid).current) or ()
    both = targets.tables(run, head, read, run.ports.ledger.uuid, there)
    asking = _Asking(
        run=run, read=read, merge=targets.merge_of(run, read, both), last=last.read_at,
        lacking=tuple(name for name, _ in drift.missing(both.current, there)), before=before,
    )  # fmt: skip
    if reason := asking.refused(at, daily=daily):
        return Left(reason=reason)
    return asking.compared(at)


def _of_reads(run: TableRun) -> Content | None:
    """Which read current holds, by the ledger's reads: of a head from before it said so itself."""
    applied = [one for one in run.ports.ledger.reads(run.target) if one.state is State.APPLIED]
    held = [one for one in applied if one.portion.replaces and one.effects]
    return Content(read_at=held[-1].read_at) if held else None


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """The questions about one table. ``last`` is the time of its last read, which may have changed nothing."""

    run: TableRun
    read: Read
    merge: Merge
    last: datetime
    lacking: tuple[str, ...]
    before: Content

    @property
    def rows(self) -> int:
        """How many rows of the read raw should hold."""
        return self.read.rows - self.before.forgotten

    def refused(self, at: datetime, *, daily: bool) -> str:
        """Why it isn't compared this time; empty where it is."""
        run, before, most = self.run, self.before, self.run.config.bigquery.max_bytes_billed
        if before.total is None and self.rows and not self._held():
            return (
                f"{LEFT}raw doesn't hold all {self.rows:,} rows of the read of {self.read.read_at.isoformat()}, "
                f"which current holds: they expired, or somebody deleted them; to have it compared: "
                f"{run.command('reload')}"
            )
        processed = run.ports.warehouse.dry_run(
            self._statement(brought=before.total is None), labels=run.labels(Question.BALANCE)
        )
        every = core.every(processed, run.table.reconcile_bytes)
        if every is None:
            limit = f"reconcile_bytes is {run.table.reconcile_bytes:,}"
            return f"{LEFT}BigQuery would process {processed:,} bytes, {limit}"
        if most is not None and processed > most:
            return f"{LEFT}BigQuery would process {processed:,} bytes, bigquery.max_bytes_billed is {most:,}"
        if daily and not core.due(before.at or before.before, at, every):
            return f"content is compared every {every.days} days"
        return ""

    def compared(self, at: datetime) -> Content:
        """By the sum that is known; row by row where there is none yet, or where it differs and raw can say."""
        before = self.before
        blank = Content(read_at=before.read_at, at=at, total=before.total, forgotten=before.forgotten)
        if before.total is None and not self.rows:
            blank = replace(blank, total=NOTHING)
        if blank.total is not None:
            row = self._ask(brought=False)
            standing, ahead = checksum_sql.total(row, "standing"), int(row["ahead"])
            if standing == blank.total and not ahead:
                return blank
            if not self._held():
                missing, surplus = blank.total.rows - standing.rows, standing.rows - blank.total.rows
                return replace(
                    blank, missing=max(0, missing), surplus=max(0, surplus), other=standing != blank.total, ahead=ahead
                )
        row = self._ask(brought=True)
        return replace(
            blank, missing=int(row["missing"]), surplus=int(row["surplus"]), ahead=int(row["ahead"]),
            total=checksum_sql.total(row, "brought"),
        )  # fmt: skip

    def _statement(self, *, brought: bool) -> str:
        return checksum_sql.content(self.merge, self.last, self.lacking, brought=brought)

    def _ask(self, *, brought: bool) -> dict[str, Any]:
        sql = self._statement(brought=brought)
        afford(self.run, self.merge, [Wanted(statement=sql)])
        return self.run.ask(Question.BALANCE, sql)[0]

    def _held(self) -> bool:
        """Whether raw holds all rows of the read."""
        project, dataset, table = self.merge.raw.split(".")
        if self.run.ports.warehouse.fields(project, dataset, table) is None:
            return False
        sql = statement("raw_held.sql", {"raw": self.merge.raw, "read_at": self.read.read_at})
        return bool(self.run.ask(Question.HELD, sql)[0]["rows"] == self.rows)
