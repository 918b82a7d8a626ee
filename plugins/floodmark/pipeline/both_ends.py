"""Both ends of a table, counted and compared in one snapshot, as deep as is wanted, due and allowed (R36)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from floodmark.core import balance as core
from floodmark.core import reconcile
from floodmark.core.balance import Depth
from floodmark.core.bigquery import balance_sql, drift, reconcile_sql
from floodmark.core.bigquery.merge import Merge, SoftMode
from floodmark.core.checksum import Sum
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.balance import RANGES, Balance, Stretch
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Buckets, Kind, Whole
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question
from floodmark.core.ports import Comparison, Reading
from floodmark.core.reconcile import Ranges, Scope
from floodmark.core.time.units import DAY, WEEK
from floodmark.errors import BudgetReached, SourceRefused, TooMuchInFlight
from floodmark.pipeline import reads, renames, targets
from floodmark.pipeline.content import LEFT, Left, content
from floodmark.pipeline.decide import Decision, decide, require_decided
from floodmark.pipeline.extent import CLASSES, question, standing
from floodmark.pipeline.extract import refuse_stranger
from floodmark.pipeline.selection import selection
from floodmark.pipeline.sums import Sums
from floodmark.pipeline.table_run import Request, TableRun

LATER = "read it first: nothing of it is sealed yet"
ANEW = "it is to be reloaded first, as its next run does: "


@dataclass(frozen=True, kw_only=True)
class BothEnds:
    """One comparison of one table, while the lease is held. ``there`` are current's columns; None: it isn't there."""

    run: TableRun
    head: Head
    there: tuple[tuple[str, str], ...] | None
    asked: Depth
    everything: bool
    daily: bool

    @property
    def stands(self) -> bool:
        """Whether there is a current table to compare."""
        return self.there is not None

    def found(self) -> Balance | str:
        """What it comes to, or why there is nothing to compare."""
        run, head, source = self.run, self.head, self.run.ports.source
        last = head.last
        assert last is not None
        decision = decide(run, head, Request(kind=Kind.RECONCILE, run_id="balance"))
        if decision.resolved.cursor and not coverages.sealed(head.coverage):
            return LATER
        if decision.renamed:
            return renames.FIRST
        if decision.voids and decision.resolved.sync != "full":
            return f"{ANEW}{decision.voids}"
        chosen = selection(run, decision.resolved)
        with source.open(chosen, last.snapshot) as reading:
            if reason := source.history(last.snapshot, reading.snapshot).voided:
                return f"{ANEW}{reason}"
            refuse_stranger(run, decision.look, reading)
            require_decided(run, decision, reading)
            return self._compared(decision, reading)

    def _compared(self, decision: Decision, reading: Reading) -> Balance:
        at = decision.look.clock
        extent = self._extent(decision)
        scope = self._scope(decision, extent)
        source = reading.census(scope)
        days = any(reading.schema.column(name).base_type == "date" for name in decision.resolved.cursor)
        counts = core.counted(
            at, source, early=scope.early, timeless=scope.timeless, current=extent["rows"],
            standing=standing(scope, extent, days=days),
        )  # fmt: skip
        counts = replace(counts, untimely=extent["untimely"], misflagged=extent["misflagged"])
        if decision.resolved.sync == "full":
            # It is as of its last read, which counted both ends; the source has moved on since.
            left = self.head.target_rows if self.head.target_rows is not None else extent["rows"]
            counts = replace(counts, expected=left, movable=0, standing=extent["rows"])
        found = replace(self.head.balance, counts=counts, skipped=())
        if decision.resolved.sync == "full":
            return self._content(found, decision)
        deeper = self.stands and self.asked.reaches(Depth.KEYS)
        if not deeper:
            return found
        try:
            if decision.resolved.sync == "append":
                return self._appended(found, decision, reading, scope)
            return self._deeper(found, decision, reading, scope)
        except (TooMuchInFlight, BudgetReached) as error:
            return replace(found, skipped=(f"keys and rows were not compared: {error}",))

    def _content(self, found: Balance, decision: Decision) -> Balance:
        """Of a table that is read whole: current against the read that it holds."""
        if not (self.stands and self.asked.reaches(Depth.ROWS)):
            return found
        if decision.voids:
            return replace(found, skipped=(f"{LEFT}it is to be read anew first: {decision.voids}",))
        try:
            compared = content(self.run, self.head, decision.look.clock, daily=self.daily)
        except BudgetReached as error:
            return replace(found, skipped=(f"{LEFT}{error}",))
        if isinstance(compared, Left):
            return replace(found, skipped=(compared.reason,))
        return replace(found, content=compared)

    def _extent(self, decision: Decision) -> Mapping[str, int]:
        """Current's rows: all of them, and those of the classes that it can tell; none where there is no current."""
        if not self.stands:
            return dict.fromkeys(CLASSES, 0)
        if not decision.resolved.cursor:
            [row] = self._ask(balance_sql.count(self.run.target))
            return {**dict.fromkeys(CLASSES, 0), "rows": int(row["rows"])}
        [row] = self._ask(question(self.run, self.head, {name for name, _ in self.there or ()}))
        return {name: int(row[name]) for name in CLASSES}

    def _ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return self.run.ask(Question.BALANCE, sql, parameters)

    def _scope(self, decision: Decision, extent: Mapping[str, int]) -> Scope:
        deletes = self.run.table.deletes
        removes = deletes.how == "soft" and SoftMode(deletes.mode) is SoftMode.REMOVE
        return Scope(
            sealed=coverages.sealed(self.head.coverage),
            start=self.run.start,
            early=extent["early"] > 0,
            timeless=extent["timeless"] > 0 or self.run.table.null_cursor == "include",
            columns=self.run.table.all_in_target(decision.resolved.key),
            soft=self.run.table.in_target(deletes.soft or "") if removes else "",
        )

    def _deeper(self, found: Balance, decision: Decision, reading: Reading, scope: Scope) -> Balance:
        """Keys, then rows, where they are wanted, due and allowed."""
        head, at = self.head, decision.look.clock
        try:
            comparison = reading.comparison(scope)
        except SourceRefused as refused:
            return replace(found, skipped=(f"keys and rows were not compared: {refused}",))
        chosen = selection(self.run, decision.resolved)
        merge, columns = self._merge(reads.of_reconcile(head, decision, reading, chosen, "balance"))
        bits = reconcile.bits(max(found.counts.current if found.counts else 0, reading.schema.estimated_rows))
        keys = Sums(self.run, merge, comparison, merge.key, bits, None)
        if why := self._not_now("keys", keys, head.balance.keys.at if head.balance.keys else None, at):
            found = replace(found, skipped=(*found.skipped, why))
        else:
            found = replace(found, keys=core.of_keys(at, *keys.both()))
        if not self.asked.reaches(Depth.ROWS):
            return found
        return self._rows(found, reading.comparison(replace(scope, columns=columns)), merge, columns, at)

    def _appended(self, found: Balance, decision: Decision, reading: Reading, scope: Scope) -> Balance:
        """Rows alone, of a table that is only appended to: all that a row holds is its key."""
        if not self.asked.reaches(Depth.ROWS):
            return found
        chosen = selection(self.run, decision.resolved)
        read = reads.of_reconcile(self.head, decision, reading, chosen, "balance")
        merge, columns = self._merge(replace(read, portion=Whole(kind=Kind.RELOAD), append=True))
        try:
            comparison = reading.comparison(replace(scope, columns=columns, by_row=True))
        except SourceRefused as refused:
            return replace(found, skipped=(f"rows were not compared: {refused}",))
        return self._rows(found, comparison, merge, columns, decision.look.clock)

    def _merge(self, read: Read) -> tuple[Merge, tuple[str, ...]]:
        """How current's rows are told apart, and the columns that are read; current may lack some, which are NULL."""
        ledger, warehouse = self.run.ports.ledger.uuid, self.run.ports.warehouse
        there = warehouse.standing(targets.tables(self.run, self.head, read, ledger).current) or ()
        both = targets.tables(self.run, self.head, read, ledger, there)
        merge = replace(targets.merge_of(self.run, read, both), absent=drift.absent(both.current, there))
        return merge, tuple(column.name for column in merge.columns)

    def _rows(
        self, found: Balance, comparison: Comparison, merge: Merge, columns: tuple[str, ...], at: datetime
    ) -> Balance:
        before = self.head.balance.rows
        whole = Sums(self.run, merge, comparison, columns, reconcile.MOST_BITS, None)
        if why := self._not_now("rows", whole, before[-1].at if before else None, at):
            return replace(found, skipped=(*found.skipped, why))
        weekly = self.daily and whole.every == WEEK
        share = core.wanted_share(self.run.table.balance_share, whole.bytes) * (WEEK / DAY if weekly else 1)
        low, high = (0, RANGES) if self.everything else core.next_stretch(before, share)
        ranges = Ranges(bits=reconcile.MOST_BITS, low=low, high=high)
        differing = self._differing(comparison, merge, columns, *replace(whole, stretch=ranges).both())
        stretch = Stretch(at=at, low=low, high=high, differing=differing)
        return replace(found, rows=core.with_stretch(before, stretch))

    def _differing(
        self,
        comparison: Comparison,
        merge: Merge,
        columns: tuple[str, ...],
        ours: Mapping[int, Sum],
        theirs: Mapping[int, Sum],
    ) -> int:
        """The ranges in which a row is missing or another one; not those where current has some too many, as where
        deletes are ignored. As many as a reconcile would are looked into row by row."""
        bits = reconcile.MOST_BITS
        differing = reconcile.differing(ours, theirs)
        numbers = reconcile.affordable(differing, ours, theirs, bits=bits, share=self.run.table.reconcile_share)
        unsure = {one for one in differing if one not in numbers and not core.only_more(ours, theirs, one)}
        if not numbers:
            return len(unsure)
        asked = reconcile_sql.rows(merge, columns, bits)
        current = reconcile_sql.rows_of(merge, self._ask(asked, reconcile_sql.looking_into(numbers)))
        rows = comparison.rows(Buckets(bits=bits, numbers=numbers))
        if merge.key:
            wanted = {key: (standing, row) for key, standing, row in rows}
            keys = reconcile.compare(wanted, dict(current)).read
        else:
            keys = reconcile.lacking(rows, current)
        return len(unsure | {key >> reconcile.shift(bits) for key in keys})

    def _not_now(self, what: str, sums: Sums, last: datetime | None, at: datetime) -> str:
        """Why this depth is left out this time; empty where it isn't."""
        every = sums.every
        if every is None:
            most = f"{self.run.table.reconcile_bytes:,}"
            return f"{what} were not compared: BigQuery would process {sums.bytes:,} bytes, reconcile_bytes is {most}"
        if self.daily and not core.due(last, at, every):
            return f"{what} are compared every {every.days} days"
        return ""
