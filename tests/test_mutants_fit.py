"""Every mutant still fits the program: its text stands there once, what it makes is Python, and its test exists.

Nothing is run here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant
from tests.mutants.rules import MUTANTS

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_its_text_stands_there_once_and_its_test_exists(mutant: Mutant) -> None:
    broken = mutant.broken(CHECKOUT)
    assert broken != (CHECKOUT / mutant.file).read_text(encoding="utf-8")
    if mutant.file.endswith(".py"):
        ast.parse(broken)
    path, _, name = mutant.test.partition("::")
    tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
    assert name.partition("[")[0] in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {
        f"{owner.name}.TestCase::runTest" for owner in ast.walk(tree) if isinstance(owner, ast.ClassDef)
    }


def test_no_two_mutants_are_the_same() -> None:
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)
