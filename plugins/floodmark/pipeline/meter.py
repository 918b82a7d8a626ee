"""What BigQuery bills while a step runs, until the ledger has it: written with whatever the step writes next (R20)."""

from __future__ import annotations

from dataclasses import dataclass, field

from floodmark.core.ledger.spending import Bill


@dataclass
class Meter:
    """Bytes billed that no head knows of yet, by step; ``run_id`` is the run that asked for them, where it is known.

    A step that dies takes those of its last questions with it; a job's are counted by whoever concludes it.
    """

    pending: dict[str, Bill] = field(default_factory=dict)
    run_id: str = ""

    def add(self, step: str, billed: int) -> None:
        """A job or a question of ``step`` billed so many bytes."""
        if billed:
            self.pending[step] = self.pending.get(step, Bill()) + Bill(bytes=billed, jobs=1)

    def taken(self) -> dict[str, Bill]:
        """What there is, which is on its way to the head from now on."""
        bills, self.pending = self.pending, {}
        return bills
