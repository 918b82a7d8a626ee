"""What ``prove`` says of a table, held against a count and a comparison of the model's own (R36).

Independent of the pipeline: of the ledger only its sealed intervals and the words of ``prove`` are taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from floodmark.core.ledger.balance import Balance, Census
from floodmark.pipeline.reports.prove import Proof, Verdict, prove
from floodmark.pipeline.table_run import TableRun
from tests.model.promise import Broken, Promise, Row


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Keys by which both ends differ: of sealed rows ``missing`` and ``changed``; and ``surplus`` ones of current."""

    missing: Collection[Any]
    changed: Collection[Any]
    surplus: Collection[Any]


@dataclass(frozen=True)
class Account:
    """One table's words and what is behind them."""

    promise: Promise
    run: TableRun

    def proof(self) -> Proof:
        """What ``prove`` says now."""
        [proof] = prove(self.run.config, [self.run.table], self.run.ports.ledger)
        return proof

    def check(self) -> None:
        """What holds at any moment. Raises ``Broken``.

        The promise was checked right before, so that no sealed row is missing or another one. Then no doubt may speak
        of such, and what is called proved is sealed up to where it is said to be, with nothing left open before.
        """
        proof, head = self.proof(), self.promise.ledger.head(self.promise.target)
        if false := [doubt for doubt in proof.doubts if "missing from current" in doubt or "differ from" in doubt]:
            raise Broken(f"both ends hold the same, and prove says: {false}")
        if proof.verdict is Verdict.NOT_PROVED:
            return
        if head.error or not proof.looked:
            raise Broken(f"prove says {proof.says}; the ledger has the error {head.error!r}; looked at {proof.looked}")
        if head.coverage and proof.sealed_up_to != self._sealed_from_start():
            raise Broken(f"prove says sealed up to {proof.sealed_up_to}, the ledger {self._sealed_from_start()}")

    def check_balanced(self, before: Balance) -> None:
        """That what was just counted and compared, to its full depth, is so. Raises ``Broken``."""
        found = self.promise.ledger.head(self.promise.target).balance
        if found.counts is None or found == before:
            return
        source, current = self.promise.both_ends()
        counted = Census(**Counter(self._class(row) for row in source))
        if found.counts.source != counted or found.counts.current != len(current):
            raise Broken(f"the balance says {found.counts}; in truth the source has {counted}, current {len(current)}")
        proof, true = self.proof(), self._difference(source, current)
        for what, said, keys in (
            ("missing", found.missing, true.missing), ("too many", found.surplus, true.surplus),
        ):  # fmt: skip
            if said > len(keys) or (keys and not said):
                raise Broken(f"{said} rows are {what}, says the balance; in truth {sorted(keys)}; {proof.says}")
        if (true.missing or true.changed) and proof.verdict is not Verdict.NOT_PROVED:
            raise Broken(f"prove says {proof.says}, having looked at {proof.looked}: {true}")
        if not (true.missing or true.changed) and not found.well:
            raise Broken(f"{found.missing} missing, {found.differing} differ, says the balance; in truth none")
        if true.surplus and not any(f"{found.surplus:,} rows too many in current" in word for word in proof.told):
            raise Broken(f"{sorted(true.surplus)} of current are not in the source; prove tells {proof.told}")

    def _class(self, row: Row) -> str:
        if not self.promise.promised(row["updated_at"]):
            return "loose"
        return "settled" if row["deleted_at"] is None or self.promise.shop.kind == "append" else "deleted"

    def _difference(self, source: list[Row], current: list[Row]) -> Difference:
        """A key that the source still moves is neither here nor there; a deleted one has to be gone."""
        ours, theirs = {row["id"]: row for row in source}, {row["id"]: row["version"] for row in current}
        settled = {key: row["version"] for key, row in ours.items() if self._class(row) == "settled"}
        moving = {key for key, row in ours.items() if self._class(row) == "loose"}
        return Difference(
            missing=settled.keys() - theirs.keys(),
            changed={key for key in settled.keys() & theirs.keys() if settled[key] != theirs[key]},
            surplus=theirs.keys() - settled.keys() - moving,
        )

    def _sealed_from_start(self) -> Any:
        start = self.run.table.start
        return next((one.high for one in self.promise.sealed if one.low <= start < one.high), start)
