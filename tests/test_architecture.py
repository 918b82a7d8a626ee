"""The page about the house is alive: each path stands, each name is defined there, thirty questions are answered."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PLACES = re.findall(r"`([\w./-]+/[\w./-]*)(?:::(\w+))?`", PAGE)
QUESTIONS = PAGE.partition("## Where is …?")[2].count("\n| ") - 2
CORE = ROOT / "plugins" / "floodmark" / "core"


@pytest.mark.parametrize(("path", "name"), PLACES, ids=[f"{path}::{name}" for path, name in PLACES])
def test_a_place_that_is_named_is_there(path: str, name: str) -> None:
    place = next((base / path for base in (ROOT, ROOT / "plugins" / "floodmark") if (base / path).exists()), None)
    assert place is not None, f"{path} is not there"
    if name:
        tree = ast.parse(place.read_text(encoding="utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}


def test_thirty_questions_have_an_answer() -> None:
    assert QUESTIONS >= 30


def test_core_has_few_rooms_and_no_large_one() -> None:
    rooms = [one for one in CORE.iterdir() if one.name not in {"__pycache__", "__init__.py"}]
    assert len(rooms) <= 15, sorted(one.name for one in rooms)
    large = {
        str(one.relative_to(CORE)): lines
        for one in CORE.rglob("*.py")
        if (lines := len(one.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert not large
