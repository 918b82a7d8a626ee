"""Every mutant, in the order of the rules."""

from __future__ import annotations

from tests.mutants import again, applying, queue, reading, reconciling
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = tuple(
    sorted(
        (*reading.MUTANTS, *again.MUTANTS, *queue.MUTANTS, *applying.MUTANTS, *reconciling.MUTANTS),
        key=lambda mutant: int(mutant.rule[1:]),
    )
)
