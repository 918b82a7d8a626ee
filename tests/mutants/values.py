"""Keys of one text, values that can't be held, and what is counted of them (R23, R30, R31)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_DIGEST = "plugins/floodmark/adapters/arrow/digest.py"
_DIGESTED = "tests/adapters/arrow/test_digest.py"

MUTANTS = (
    Mutant(
        rule="R23",
        breaks="what lies under a NULL is hashed too",
        file=_DIGEST,
        old="        if array.null_count:\n",
        new="        if False:\n",
        test=f"{_DIGESTED}::test_what_lies_beside_the_values_does_not_count",
    ),
)
