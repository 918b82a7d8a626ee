"""The table of types is whole, is what its page says, and what its keys say is so (R27, R30)."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest

from floodmark.adapters import types_page as page
from floodmark.adapters.postgres import types_page
from floodmark.adapters.postgres.matrix.row import Row, Word
from floodmark.adapters.postgres.matrix.whole import KEYS, ROWS
from floodmark.adapters.postgres.types import carriage
from floodmark.core.carriage import Check
from floodmark.core.schema import Column

PAGE = Path(__file__).parents[3] / "docs" / "types.md"
_BUILT_IN = """
SELECT t.typname FROM pg_type AS t
WHERE t.typnamespace = 'pg_catalog'::regnamespace
    AND t.typtype IN ('b', 'r', 'm')
    AND t.typoutput <> 'array_out'::regproc
"""
BY_TYPE = {row.type: row for row in ROWS}


@pytest.fixture
def execute(database):
    """Runs one statement, and gives its rows."""
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True

    def run(statement):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


def test_no_built_in_type_is_missing(execute):
    """Pseudo-types have no values, and a catalog's row type is a composite; arrays go by their elements."""
    built_in = {name for (name,) in execute(_BUILT_IN)}
    named = {row.name for row in ROWS if row.kind != "p" and "." not in row.name}
    assert built_in - named == set()
    assert named - built_in == set()


def test_the_page_is_what_the_table_says():
    said = "run: python -m floodmark.adapters.types_page > docs/types.md"
    assert PAGE.read_text(encoding="utf-8") == page.text(), said


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.type)
def test_a_column_travels_as_the_table_says(row: Row):
    column = Column(
        name="x", type=row.type, base_type=row.name, kind=row.kind, modifier=row.modifier, array=row.array,
        in_parts=row.in_parts,
    )  # fmt: skip
    assert carriage(column) == row.carriage


def test_a_type_that_is_in_no_table_travels_as_its_own_text():
    way = carriage(Column(name="x", type="thing", base_type="public.thing"))
    assert (way.target, way.select("x")) == ("STRING", BY_TYPE["inet"].carriage.select("x"))


@pytest.mark.parametrize(("type_", "edges"), KEYS.items())
def test_a_value_is_as_a_key_what_the_table_says(execute, type_, edges):
    row = BY_TYPE[type_]
    key = types_page.key_of(row)
    for statement in row.made:
        execute(statement)
    for edge in edges:
        if edge.word is Word.REFUSED:
            assert key.refusal
        elif edge.word is Word.QUARANTINED:
            assert key.check is Check.NAN
        else:
            [(value,)] = execute(f"SELECT {key.select('v')} FROM (SELECT {edge.written}::{type_} AS v) AS t")
            assert str(value) == edge.arrives
