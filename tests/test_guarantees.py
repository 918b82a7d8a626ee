"""The guarantees say nothing that isn't there: every test they name exists, every built rule is cited by its code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.rules import MUTANTS

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = (CHECKOUT / "docs" / "guarantees.md").read_text(encoding="utf-8")
SECTIONS = {
    int(number): text
    for number, text in re.findall(r"^### R(\d+) [^\n]+\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
RULES = re.compile(r"\bR(\d+)(?:-R(\d+))?\b")


@cache
def functions(path: str) -> frozenset[str]:
    """The names of a module's functions, without importing it."""
    tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def cited(path: str) -> set[int]:
    """The rules whose numbers a file names, alone or within a range."""
    found = RULES.findall((CHECKOUT / path).read_text(encoding="utf-8"))
    return {rule for low, high in found for rule in range(int(low), int(high or low) + 1)}


def test_every_rule_has_its_section_in_order() -> None:
    assert list(SECTIONS) == sorted(SECTIONS)
    assert set(range(1, 29)) <= set(SECTIONS) <= set(range(1, 39))


@pytest.mark.parametrize("rule", SECTIONS)
def test_a_built_rule_names_its_tests_and_its_code(rule: int) -> None:
    held, _, kept = SECTIONS[rule].partition("\n- Kept in ")
    assert TEST.search(held.partition("\n- Held by ")[2])
    paths = re.findall(r"`((?:plugins|include)/[\w./]+)`", kept)
    assert paths
    assert all((CHECKOUT / path).is_file() for path in paths)
    assert any(rule in cited(path) for path in paths), f"none of {paths} cites R{rule}"


@pytest.mark.parametrize(("path", "name"), sorted(set(TEST.findall(PAGE))))
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert name in functions(path)


def test_every_built_rule_has_a_mutant_whose_test_is_named_for_it() -> None:
    named = {rule: {f"{path}::{name}" for path, name in TEST.findall(text)} for rule, text in SECTIONS.items()}
    broken = {int(mutant.rule[1:]) for mutant in MUTANTS}
    assert broken == set(SECTIONS)
    for mutant in MUTANTS:
        assert mutant.test.partition("[")[0] in named[int(mutant.rule[1:])], mutant
