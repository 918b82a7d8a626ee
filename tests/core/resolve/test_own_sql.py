"""What is one condition, what is one SELECT, and what would get out of its parentheses (R29)."""

from __future__ import annotations

import pytest

from floodmark.core.refused import Refused
from floodmark.core.resolve.own_sql import bare_select, judge_select, judge_where


@pytest.mark.parametrize(
    "text",
    [
        "a = 1 -- x",
        "status = $$a)$$",
        "note = ')' AND a IN (SELECT 1)",
        "note = E'a\\')'",
        "EXISTS (SELECT 1 FROM x WHERE x.id = t.id)",
        "a::text COLLATE \"C\" > 'x'",
    ],
)
def test_one_condition_is_taken(text: str) -> None:
    assert judge_where(text) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("true) OR (true", "closes a parenthesis"),
        ("(a = 1", "leaves a parenthesis open"),
        ("a = 1; DROP TABLE x", "semicolon"),
        ("a = 1 ORDER BY 1", "goes on behind it"),
        ("a = 1 LIMIT 3", "goes on behind it"),
        ("a = 1 UNION SELECT 1", "goes on behind it"),
        ("a = 1 /* x", "does not end"),
        ("a = 'x", "does not end"),
    ],
)
def test_what_is_more_than_one_condition_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        judge_where(text)


@pytest.mark.parametrize("text", ["a = 1, b = 2", "xmlexists('//a' PASSING x)"])
def test_what_only_postgres_can_judge_is_left_to_it(text: str) -> None:
    assert "check --online" in judge_where(text)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("SELECT 1; -- note", "SELECT 1"),
        ("SELECT 1 -- note", "SELECT 1 -- note"),
        ("SELECT 1;;", "SELECT 1"),
        ("SELECT ';' AS \"a;b\" FROM t -- it's; so\n;", "SELECT ';' AS \"a;b\" FROM t -- it's; so"),
        ("WITH a AS (SELECT 1) SELECT * FROM a ; /* x */", "WITH a AS (SELECT 1) SELECT * FROM a"),
        ("SELECT 1 UNION ALL SELECT 2", "SELECT 1 UNION ALL SELECT 2"),
    ],
)
def test_one_select_is_taken_without_its_end(text: str, bare: str) -> None:
    assert judge_select(text) == ""
    assert bare_select(text) == bare


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT 1; SELECT 2", "several statements"),
        ("SELECT 1) AS a, (SELECT 2", "closes a parenthesis"),
        ("DELETE FROM x", "DELETE"),
        ("CREATE TABLE x ()", "CREATE"),
        ("  ", "empty"),
    ],
)
def test_what_is_not_one_select_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        judge_select(text)
