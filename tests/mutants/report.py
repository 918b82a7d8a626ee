"""The table: rule, mutant, test, killed or not."""

from __future__ import annotations

from collections.abc import Iterable

from tests.mutants.mutant import Mutant
from tests.mutants.trial import Verdict

HEAD = """# Each rule, broken on purpose

Written by `make mutants`: every row breaks one rule of [the guarantees](guarantees.md) in a copy of the program and
runs the test that is named for it. It must fail; a mutant that survives is a missing test.

| rule | broken so that | test | killed |
| --- | --- | --- | --- |
"""
KILLED, SURVIVED, UNTRIED = "yes", "**no**", "not tried"


def line(verdict: Verdict) -> str:
    """One row."""
    return f"{_named(verdict.mutant)} {KILLED if verdict.killed else SURVIVED} |"


def markdown(mutants: Iterable[Mutant], verdicts: Iterable[Verdict], before: str) -> str:
    """The whole page. Rows of mutants that weren't tried this time are as they stood ``before``."""
    rows = {_key(row): row for row in before.splitlines() if row.startswith("| R")}
    rows |= {_named(verdict.mutant): line(verdict) for verdict in verdicts}
    page = [rows.get(_named(mutant), f"{_named(mutant)} {UNTRIED} |") for mutant in mutants]
    killed = sum(row.endswith(f"| {KILLED} |") for row in page)
    return HEAD + "\n".join(page) + f"\n\n{killed} of {len(page)} killed.\n"


def untried(mutants: Iterable[Mutant], before: str) -> list[Mutant]:
    """Those that the page doesn't say to be killed."""
    killed = {_key(row) for row in before.splitlines() if row.endswith(f"| {KILLED} |")}
    return [mutant for mutant in mutants if _named(mutant) not in killed]


def _named(mutant: Mutant) -> str:
    """A row without its verdict."""
    return f"| {mutant.rule} | {mutant.breaks} | `{mutant.test}` |"


def _key(row: str) -> str:
    return row.removesuffix(" |").rpartition(" | ")[0] + " |"
