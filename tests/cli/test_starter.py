"""The starter's text: whatever the source's tables and columns are called, the file means them, and check takes it."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from floodmark.cli.starter import Entry, Starter, apart, entry_of, text
from floodmark.core.config import source_file
from floodmark.core.config.names import Relation
from floodmark.core.config.source import SourceConfig

STARTER = Starter(
    source="shop", connection="shop_db", bucket="${BUCKET}", project="proj", location="EU", dataset="shop",
    start="2026-11-01",
)  # fmt: skip
PIECES = (
    "a", "A", "b", "_", "-", " ", ".", ",", ":", ": ", " #", "'", '"', "\\", "\n", "\r\n", "\t", "\x01", "\x7f", "\x85",
    "{", "}", "[", "]", "*", "?", "!", "&", "%", "@", "`", "~", "null", "true", "1", "${X}", "$${", "{{ x }}", "ß",
    "1e3", "_floodmark_", "列", "\u202e", "\u2028", "\U0001f600", "\ufeff",
)  # fmt: skip
NAME = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join).filter(lambda name: bool(name.strip()))


def written(entries: list[Entry]) -> SourceConfig:
    return source_file.parse(text(STARTER, entries), "shop.yml", {"BUCKET": "bucket"})


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("public", "odd")) | NAME, NAME), min_size=1, max_size=4, unique=True), NAME)
@example([("public", "Orders"), ("public", "orders"), ("public", "or ders"), ("public", "or_ders")], "a")
@example([("public", "${X}"), ("public", "a, b"), ("public", "x\ny")], "a, ${X}*")
def test_every_name_comes_back(tables: list[tuple[str, str]], column: str) -> None:
    relations = [Relation(schema=schema, name=name) for schema, name in tables]
    config = written(apart([entry_of(relation, f"key: {column}") for relation in relations]))
    assert [table.relation for table in config.tables.values()] == relations
    hidden = written([Entry(name="t", relation=relations[0], secret=(column,), hashed=("id",))]).tables["t"]
    assert hidden.relation == relations[0]
    assert [fnmatchcase(column, glob) for glob in hidden.columns.exclude] == [True]
    assert [glob for glob, _ in hidden.mask.by_glob] == ["id"]


def test_a_table_keeps_its_own_name_where_another_would_take_it() -> None:
    relations = [
        Relation(name="or ders"),
        Relation(name="or_ders"),
        Relation(name="or_ders_2"),
        Relation(name="OR_DERS"),
    ]
    entries = apart([entry_of(relation) for relation in relations])
    assert [entry.name for entry in entries] == ["or_ders", "or_ders_3", "or_ders_2", "OR_DERS_4"]


@pytest.mark.parametrize("name", ["1e3", "1.e+3", ".5", "_floodmark_tables", "_FLOODMARK_x"])
def test_a_name_like_a_number_or_like_one_of_floodmarks_own_spoils_no_file(name: str) -> None:
    relation = Relation(name=name)
    [table] = written([replace(entry_of(relation), secret=("1e3",), hashed=("2E5",))]).tables.values()
    assert (table.relation, table.columns.exclude) == (relation, ("1e3",))
    assert [glob for glob, _ in table.mask.by_glob] == ["2E5"]
    assert not table.to.casefold().startswith("_floodmark_")
