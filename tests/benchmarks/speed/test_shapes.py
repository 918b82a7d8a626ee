"""Every shape's table is made, and Floodmark's file holds what PostgreSQL says, value by value."""

import json
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg2
import pyarrow.parquet
import pytest

READERS = Path(__file__).parents[3] / "benchmarks" / "speed" / "readers"
ROWS = 100
OF_TEXT = {1700: Decimal, **dict.fromkeys((3802, 1000, 1007, 1009, 1016), json.loads)}
OF_TEXT[1185] = lambda text: [datetime.fromisoformat(one) for one in json.loads(text)]
"""By the oids of pg_type: numeric without digits; jsonb and arrays; arrays of timestamptz."""

SHAPES = ("ten", "narrow", "wide", "texts", "jsonb", "numerics", "arrays", "null", "1500")


def test_these_are_all_shapes(module):
    assert tuple(module("shapes").SHAPES) == SHAPES


@pytest.fixture
def made(module, database):
    """``made("ten")``: the shape's table with a hundred rows, its name."""

    def make(name):
        with closing(psycopg2.connect(database.dsn)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in module("shapes").SHAPES[name].statements("made", ROWS):
                    cursor.execute(statement)
        return "made"

    return make


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_read_as_it_is(module, made, database, tmp_path, name):
    table = made(name)
    assert module("by_floodmark").read("1", database.dsn, table, tmp_path) == ROWS
    with closing(psycopg2.connect(database.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(module("slice_query").query(table) + " ORDER BY id")
        names = [column.name for column in cursor.description]
        kinds = [column.type_code for column in cursor.description]
        rows = cursor.fetchall()
    found = pyarrow.parquet.read_table(tmp_path / "rows.parquet").sort_by("id")
    assert len(rows) == ROWS
    for place, column in enumerate(names):
        read = found.column(column).to_pylist()
        of_text = OF_TEXT.get(kinds[place], str)
        assert [_plain(one, of_text) for one in read] == [_plain(row[place]) for row in rows], column


def _plain(value, of_text=str):
    """Floodmark carries jsonb, uuid and arrays as texts, and a numeric without digits."""
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value
