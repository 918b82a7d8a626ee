"""No name that a statement gives to a table can be that of a source's column: a column ``t`` would be taken for it.

Google's analyzer refuses ``UPDATE SET t = s.t`` where the target's alias is ``t``: "does not support updating the
entire row".
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlglot import exp, parse

from floodmark.core.config.names import OURS

CHECKOUT = Path(__file__).parents[3]
TEMPLATES = sorted((CHECKOUT / "include" / "sql" / "bigquery").glob("*.sql"))
STATEMENTS = sorted((CHECKOUT / "tests" / "sql" / "bigquery").glob("**/*.sql"))
ALIAS = re.compile(r"\bAS ([A-Za-z_]\w*)(?!\w)(?! *\()|\bWITH (?!OFFSET\b)([A-Za-z_]\w*) AS|, *([A-Za-z_]\w*) AS \(")
TYPES = {"STRING", "INT64", "BIGNUMERIC", "NUMERIC", "JSON", "BYTES"}


def aliases(text: str) -> set[str]:
    """The names that a template gives to tables: columns' names stand in backticks there, types in capitals."""
    return {name for found in ALIAS.finditer(text) for name in found.groups() if name} - TYPES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_gives_a_table_a_name_that_a_column_can_have(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [name for name in aliases(text) if not name.startswith(OURS)] == []


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_statement_gives_a_table_a_name_that_a_column_can_have(path: Path) -> None:
    trees = [tree for tree in parse(path.read_text(encoding="utf-8"), read="bigquery") if tree]
    named = {each.name for tree in trees for each in tree.find_all(exp.TableAlias)}
    assert named
    assert [name for name in named if not name.startswith(OURS)] == []


def test_a_name_that_a_column_can_have_is_seen() -> None:
    text = "WITH c AS (SELECT 1) SELECT CAST(t.`a` AS INT64) AS `a` FROM `x` AS t, UNNEST(y) AS _floodmark_y"
    assert aliases(text) == {"c", "t", "_floodmark_y"}
