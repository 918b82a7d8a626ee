"""The table: rule, mutant, test, killed or not."""

from __future__ import annotations

from collections.abc import Iterable

from tests.mutants.trial import Verdict

HEAD = """# Each rule, broken on purpose

Written by `make mutants`: every row breaks one rule of [the guarantees](guarantees.md) in a copy of the program and
runs the test that is named for it. It must fail; a mutant that survives is a missing test.

| rule | broken so that | test | killed |
| --- | --- | --- | --- |
"""


def line(verdict: Verdict) -> str:
    """One row."""
    mutant = verdict.mutant
    return f"| {mutant.rule} | {mutant.breaks} | `{mutant.test}` | {'yes' if verdict.killed else '**no**'} |"


def markdown(verdicts: Iterable[Verdict]) -> str:
    """The whole page."""
    found = list(verdicts)
    killed = sum(verdict.killed for verdict in found)
    return HEAD + "\n".join(line(verdict) for verdict in found) + f"\n\n{killed} of {len(found)} killed.\n"
