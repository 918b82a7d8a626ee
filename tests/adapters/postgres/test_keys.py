"""Key columns in one text for each value, or refused (R30)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from floodmark.adapters.postgres.keys import key_carriage
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.schema import Column
from floodmark.demo.servers.all import Database

ONE_TEXT = {
    "numeric": (
        ["1", "1.0", "1.10", "100", "-0.00", "'NaN'", "'Infinity'"],
        ["1", "1.1", "100", "0", "NaN", "Infinity"],
    ),
    "numeric(12,2)": (["1", "1.10"], ["1.00", "1.10"]),
    "float8": (["0", "'-0'", "1.5", "'-Infinity'"], [0.0, 1.5, float("-inf")]),
    "real": (["0", "'-0'", "1.5"], [0.0, 1.5]),
    "char(4)": (["'a'", "'a  '"], ["a"]),
    "bpchar": (["'a'", "'a  '"], ["a"]),
    "inet": (["'10.0.0.1'", "'10.0.0.1/32'", "'10.0.0.1/8'"], ["10.0.0.1", "10.0.0.1/8"]),
    "daterange": (["'[2026-11-01,2026-11-02]'", "'[2026-11-01,2026-11-03)'"], ["[2026-11-01,2026-11-03)"]),
    "int[]": (["'{1,2}'", "'[0:1]={1,2}'"], ["{1,2}", "[0:1]={1,2}"]),
    "text[]": (["'{a}'", """'{"a"}'"""], ["{a}"]),
    "mood": (["'glad'"], ["glad"]),
    "uuid": (["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
}
REFUSED = [
    "interval", "json", "jsonb", "xml", "tsvector", "numrange", "nummultirange", "numeric[]", "float8[]", "interval[]",
    "jsonb[]", "pair", "point", "text COLLATE caseless", "text[] COLLATE caseless", "caseless_text",
]  # fmt: skip
TYPES = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TYPE pair AS (a int, b numeric);
CREATE COLLATION caseless (locale = 'C');
UPDATE pg_collation SET collisdeterministic = false WHERE collname = 'caseless';
CREATE DOMAIN caseless_text AS text COLLATE caseless;
"""


@pytest.fixture(scope="module")
def place(postgres: Any) -> Iterator[Database]:
    """A database with types of one's own."""
    database = postgres.create_database("keys_" + uuid.uuid4().hex[:12])
    execute(database, TYPES)
    yield database
    postgres.drop_database(database.dbname)


def execute(database: Database, statement: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


def described(database: Database, type_: str) -> Any:
    execute(database, f"DROP TABLE IF EXISTS t; CREATE TABLE t (k {type_} NOT NULL)")
    return PostgresSource(database.dsn, uuid.UUID(int=7)).describe("public", "t").column("k")


@pytest.mark.parametrize("type_", ONE_TEXT)
def test_equal_values_have_one_text_and_others_another(place: Database, type_: str) -> None:
    values, texts = ONE_TEXT[type_]
    key = described(place, type_).key
    assert not key.refusal
    execute(place, "INSERT INTO t VALUES " + ", ".join(f"({value})" for value in values))
    found = {row[0] for row in execute(place, f"SELECT {key.select('k')} FROM t")}
    assert found == set(texts)
    assert [(len(found),)] == execute(place, "SELECT count(DISTINCT k) FROM t")


def test_a_text_without_case_travels_in_lower_case(place: Database) -> None:
    """As citext itself compares; its extension is not on every server."""
    key = key_carriage(Column(name="k", type="citext", base_type="public.citext"), deterministic=True)
    described(place, "text")
    execute(place, "INSERT INTO t VALUES ('Ab'), ('aB')")
    assert {row[0] for row in execute(place, f"SELECT {key.select('k')} FROM t")} == {"ab"}


@pytest.mark.parametrize("type_", REFUSED)
def test_a_type_without_one_text_is_refused_as_a_key_with_the_remedy(place: Database, type_: str) -> None:
    column = described(place, type_)
    assert "(R30)" in column.key.refusal
    assert "name another key" in column.key.refusal
    assert not column.carriage.refusal
