"""The tree of errors as it is drawn is the tree of the classes, of the whole package."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from floodmark import errors

PACKAGE = Path(errors.__file__).parent
_LINE = re.compile(r"^ {4}(?P<bars>(?:│   |    )*)(?P<branch>[├└]── )?(?P<name>[A-Z]\w+)(?: {2,}(?P<about>\S.*))?$")


def drawn(text: str) -> dict[str, str]:
    """Each class of the drawing, and the one that it hangs on; the root hangs on ``Exception``."""
    above = ["Exception"]
    tree: dict[str, str] = {}
    for line in text.splitlines():
        if (found := _LINE.match(line)) and (found["branch"] or not tree):
            depth = len(found["bars"]) // 4 + (1 if found["branch"] else 0)
            tree[found["name"]] = above[depth]
            above[depth + 1 :] = [found["name"]]
    return tree


def classes() -> dict[str, list[str]]:
    """Every class of the package with its bases, by name as written; no module is imported."""
    bases: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, []).extend(ast.unparse(base).rpartition(".")[2] for base in node.bases)
    return bases


def test_the_drawing_is_the_tree_of_the_classes() -> None:
    bases = classes()
    tree = {"FloodmarkError": "Exception"}
    while fresh := {
        name: above for name, several in bases.items() for above in several if above in tree and name not in tree
    }:
        tree |= fresh
    assert drawn(errors.__doc__ or "") == tree


def test_no_two_errors_bear_one_name() -> None:
    """``Refused`` was a class of two rooms: whoever caught one could not tell which."""
    names = Counter(
        node.name
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and any("Error" in ast.unparse(base) or "Exception" in ast.unparse(base) for base in node.bases)
    )
    assert [name for name, count in names.items() if count > 1] == []
