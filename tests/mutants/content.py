"""What stands in current is what was brought there (R36); a SELECT that can't be had is one table's error (R29)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_OWN = "tests/cli/test_own_select.py::test_it_is_named_and_the_others_go_on"

MUTANTS = (
    Mutant(
        rule="R29",
        breaks="a SELECT that can't be read ends the proof of all tables",
        file="plugins/floodmark/pipeline/reports/prove.py",
        old='        yield f"its own SELECT can\'t be read: {error}"\n',
        new="        raise\n",
        test=_OWN,
    ),
    Mutant(
        rule="R29",
        breaks="prove knows of no SELECT that can't be read",
        file="plugins/floodmark/pipeline/reports/prove.py",
        old='        yield f"its own SELECT can\'t be read: {error}"\n',
        new="        pass\n",
        test=_OWN,
    ),
    Mutant(
        rule="R29",
        breaks="a SELECT that can't be read ends the check of all tables",
        file="plugins/floodmark/pipeline/reports/check.py",
        old="        return TableCheck(table=table, problems=error.problems, warnings=tuple(_of_words(table)))\n",
        new="        raise\n",
        test=_OWN,
    ),
)
