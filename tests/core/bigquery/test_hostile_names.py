"""Whatever a column, a table, a dataset or a project is called, what BigQuery is sent is the same statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlglot
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlglot.tokens import TokenType

from floodmark.core.bigquery import googlesql
from floodmark.core.bigquery.jobs import label
from floodmark.core.bigquery.merge import Merge
from floodmark.core.bigquery.tables import Targets
from floodmark.core.config import column_names, names
from floodmark.core.refused import Refused
from tests.core.bigquery.analyzer import GooglesAnalyzer, google_s_analyzer
from tests.core.bigquery.test_google_says import PARAMETERS, SHAPES, TYPES, shaped, statements

ALLOWED = (
    "'", "''", "'''", "%", "%s", "%%", "#", "--", "-", "\u2013", "|", "||", "<", ">", "=", "+", ":a", "&", " ", "  ",
    "_", "ß", "列", "e\u0301", "İ", "\u0131", "א", "ﬁ", "²", "a", "A", "1", "select", "NULL", "t", "r'", "b'",
    "floodmark", "x" * 300,
)  # fmt: skip
"""Pieces of names that BigQuery may take."""
BARRED = (
    '"', "`", "``", "\\", "\\`", ";", "/*", "*/", "--\n", "$1", "$$", "{", "}", "{}", "{0}", "{col}", "{{ ds }}", "{%",
    "{#", "${X}", "@salt", "?", "\n", "\r", "\0", "\t", ".", ",", "(", ")", "%(a)s", "°", "\U0001f600", "\u200b",
    "\u200d", "\u202e", "\u00a0", "\x01", "\ud800",
)  # fmt: skip
"""Pieces that it takes in no name of a column."""
DIGEST = re.compile("[0-9a-f]{32}").fullmatch
"""The digest of a view's text, which is its label."""
PLACES = 3
"""Columns beside those of every type."""


def takable(name: str) -> bool:
    """Whether a column may be called so."""
    return not column_names.refusal(name) and not name.casefold().startswith(names.OURS)


COLUMN = st.lists(st.sampled_from(ALLOWED), min_size=1, max_size=5).map("".join).map(lambda name: name[:300])
COLUMNS = st.lists(
    COLUMN.filter(takable), min_size=PLACES, max_size=PLACES, unique_by=lambda name: name.casefold()
).filter(lambda given: not {name.casefold() for name in given} & {one.name for one in TYPES})
TABLE = st.lists(
    st.sampled_from(("-", "--", "_", "列", "ß", "א", "²", "0", "select", "Ab")), min_size=1, max_size=9
).map("".join)
DATASET = st.sampled_from(("select", "_", "0", "A" * 1024, "shop"))
PROJECT = st.sampled_from(("proj", "example.com:a-project", "select-from"))
EVERY = st.text(st.characters(), min_size=1, max_size=8) | st.lists(
    st.sampled_from(ALLOWED + BARRED), min_size=1, max_size=5
).map("".join)


def called(shape: str, columns: list[str], project: str, dataset: str, table: str) -> tuple[Merge, Targets]:
    """A merge of that shape and its tables, with columns and tables of these names."""
    merge, tables = shaped(tuple(columns), tuple(columns[:2]), **SHAPES[shape])
    raw = replace(tables.raw, project=project, dataset=f"r{dataset}"[:1024], table=table)
    current = replace(tables.current, project=project, dataset=dataset, table=table)
    return replace(merge, raw=raw.reference, current=current.reference), Targets(raw=raw, current=current)


def tokens(sql: str) -> list[tuple[TokenType, str]]:
    """A statement's tokens, but for the text of its names, and for what a view's label says of them."""
    return [
        (token.token_type, "" if token.token_type is TokenType.IDENTIFIER or DIGEST(token.text) else token.text)
        for token in sqlglot.tokenize(sql, read="bigquery")
    ]


@pytest.mark.parametrize("shape", SHAPES)
@settings(max_examples=3, deadline=None)
@given(columns=COLUMNS, project=PROJECT, dataset=DATASET, table=TABLE)
def test_no_name_changes_a_statement(shape: str, columns: list[str], project: str, dataset: str, table: str) -> None:
    plain = statements(*called(shape, [f"n{place}" for place in range(PLACES)], "p", "d", "t"))
    for sql, tame in zip(statements(*called(shape, columns, project, dataset, table)), plain, strict=True):
        assert tokens(sql) == tokens(tame)


@pytest.fixture(scope="module")
def google_says() -> Iterator[GooglesAnalyzer]:
    """Google's analyzer."""
    with google_s_analyzer() as analyzer:
        yield analyzer


@pytest.mark.slow
@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(st.sampled_from(sorted(SHAPES)), COLUMNS, DATASET, TABLE)
def test_with_any_name_a_statement_is_valid_by_googles_code(
    google_says: GooglesAnalyzer, shape: str, columns: list[str], dataset: str, table: str
) -> None:
    """Of a project without a dot: the analyzer's catalog has three parts."""
    merge, tables = called(shape, columns, "select-from", dataset, table)
    for sql in statements(merge, tables):
        assert not google_says.refusal(sql, (tables.raw, tables.current), PARAMETERS), sql


@settings(max_examples=300, deadline=None)
@given(EVERY)
def test_a_name_of_a_column_is_taken_as_it_is_or_refused(name: str) -> None:
    refusal = column_names.refusal(name)
    if refusal:
        with pytest.raises(Refused):
            shaped((name,), (name,))
    else:
        assert googlesql.name(name) == f"`{name}`"
        assert [kind for kind, _ in tokens(f"SELECT {googlesql.name(name)} FROM t")] == [
            TokenType.SELECT, TokenType.IDENTIFIER, TokenType.FROM, TokenType.VAR,
        ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(EVERY)
def test_a_column_may_be_renamed_to_what_bigquery_takes_and_to_nothing_else(name: str) -> None:
    if takable(name):
        assert names.renamed({"a": name}) == {"a": name}
    else:
        with pytest.raises(Refused):
            names.renamed({"a": name})


@settings(max_examples=100, deadline=None)
@given(EVERY)
def test_any_name_makes_a_label(name: str) -> None:
    made = label(name)
    assert len(made) <= 63
    assert made == made.lower()
    assert all(one.isalnum() or one in "_-" for one in made)
