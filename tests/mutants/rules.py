"""Every mutant, in the order of the rules."""

from __future__ import annotations

from tests.mutants import again, applying, queue, reading, reconciling, values
from tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = tuple(
    sorted(
        (*reading.MUTANTS, *again.MUTANTS, *queue.MUTANTS, *applying.MUTANTS, *reconciling.MUTANTS, *values.MUTANTS),
        key=lambda mutant: int(mutant.rule[1:]),
    )
)
