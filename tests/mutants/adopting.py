"""Mutants of adopting a table that somebody else filled (R24, R25)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_ADOPT = "plugins/floodmark/pipeline/adopt.py"
_TEST = "tests/pipeline/test_adopt.py"

MUTANTS = (
    Mutant(
        rule="R24",
        breaks="what differs is adopted as it is",
        file=_ADOPT,
        old="        if found.reconciled.differing and not heal:\n",
        new="        if False:\n",
        test=f"{_TEST}::test_what_differs_is_named_and_nothing_is_adopted",
    ),
    Mutant(
        rule="R24",
        breaks="an adopted table is sealed up to its newest row, whoever is still open",
        file=_ADOPT,
        old="    high = min(proved, newest.astimezone(UTC))\n",
        new="    high = newest.astimezone(UTC)\n",
        test=f"{_TEST}::test_a_row_that_commits_after_the_adoption_with_an_older_time_is_not_lost",
    ),
    Mutant(
        rule="R24",
        breaks="what the snapshot shows counts as adopted, so only newer transactions are read",
        file="plugins/floodmark/pipeline/reads.py",
        old="snapshot=replace(reading.snapshot, base=None), removed=()",
        new="snapshot=reading.snapshot, removed=()",
        test=f"{_TEST}::test_what_the_old_table_lacks_yet_is_read_by_the_next_run",
    ),
    Mutant(
        rule="R24",
        breaks="a table that changed since it was compared is adopted",
        file="plugins/floodmark/pipeline/take_over.py",
        old="    if (moved is None or int(moved) == takeover.rows) and stamp(",
        new="    if True or stamp(",
        test=f"{_TEST}::test_a_table_that_changes_between_comparison_and_copy_is_not_adopted",
    ),
    Mutant(
        rule="R24",
        breaks="what differs is taken over beside what heals it",
        file=_ADOPT,
        old="    return wanted\n",
        new="    return ()\n",
        test=f"{_TEST}::test_heal_reads_what_differs_from_the_source",
    ),
)
