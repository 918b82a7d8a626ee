"""What the catalog says of tables and views: columns, keys that can be relied on, and what is refused."""

import uuid
from contextlib import closing
from dataclasses import replace

import psycopg2
import pytest
from psycopg2 import sql

from floodmark.adapters.postgres.connect import parameters
from floodmark.adapters.postgres.inspection import PostgresInspection
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.adapters.postgres.types import carriage
from floodmark.core.carriage import TEXT
from floodmark.core.schema import Column
from floodmark.errors import SourceRefused


@pytest.fixture
def catalog(database):
    """Run statements, then describe public.t."""
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    source = PostgresSource(database.dsn, uuid.UUID(int=7))

    def describe(*statements, name="t"):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        return source.describe("public", name)

    describe.dsn = database.dsn
    yield describe
    connection.close()


def test_columns_are_named_with_the_types_under_their_domains(catalog):
    table = catalog(
        "CREATE DOMAIN price AS numeric(12, 2)",
        "CREATE DOMAIN cheap AS price",
        "CREATE TYPE int4 AS ENUM ('not a number')",
        "CREATE TABLE t (id bigint PRIMARY KEY, x int, c cheap, n numeric(5, -2), e public.int4, l text[], s cheap[])",
        "ALTER TABLE t DROP x",
        "COMMENT ON COLUMN t.c IS 'what it costs'",
        "COMMENT ON TABLE t IS 'things'",
    )
    assert [replace(column, carriage=TEXT, key=TEXT) for column in table.columns] == [
        Column(name="id", type="bigint", base_type="int8", nullable=False),
        Column(name="c", type="cheap", base_type="numeric", modifier=(12 << 16 | 2) + 4, comment="what it costs"),
        Column(name="n", type="numeric(5,-2)", base_type="numeric", modifier=(5 << 16 | 2046) + 4),
        Column(name="e", type="public.int4", base_type="public.int4", kind="e"),
        Column(name="l", type="text[]", base_type="text", array=True),
        Column(name="s", type="cheap[]", base_type="public.cheap", kind="d", array=True),
    ]
    assert [column.carriage for column in table.columns] == [carriage(column) for column in table.columns]
    assert (table.key, table.comment, table.indexable, table.row_versions) == (("id",), "things", True, True)


def test_only_whole_valid_immediate_indexes_over_not_null_columns_make_a_key(catalog):
    table = catalog(
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL, c int, d int NOT NULL UNIQUE DEFERRABLE, e int NOT NULL)",
        "CREATE UNIQUE INDEX ON t (b, a) INCLUDE (c)",
        "CREATE UNIQUE INDEX ON t (c)",
        "CREATE UNIQUE INDEX ON t (a) WHERE b > 0",
        "CREATE UNIQUE INDEX ON t ((a + 1))",
        "CREATE INDEX ON t (a)",
        "CREATE UNIQUE INDEX broken ON t (e)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass",
    )
    assert (table.key, table.unique) == ((), (("b", "a"),))


def test_a_not_null_that_was_never_validated_is_no_not_null(catalog):
    table = catalog("CREATE TABLE t (a int UNIQUE)", "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID")
    assert table.columns[0].nullable
    assert table.unique == ()


def test_a_partitioned_table_is_one_table(catalog):
    table = catalog(
        "CREATE TABLE t (id int PRIMARY KEY, a timestamptz) PARTITION BY RANGE (id)",
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
        "INSERT INTO t SELECT g FROM generate_series(0, 9) g",
        "ANALYZE t1",
    )
    assert (table.splittable, table.key, table.row_versions, table.estimated_rows) == (True, ("id",), True, 10)
    with closing(PostgresInspection(parameters(catalog.dsn))) as asked:
        assert asked.tables() == [("public", "t")]


def test_a_view_has_columns_and_no_key(catalog):
    view = catalog("CREATE VIEW t AS SELECT 1::numeric(6, 2) AS a, now() AS b")
    assert (view.splittable, view.indexable, view.key, view.unique, view.row_versions) == (False, False, (), (), False)
    assert [column.type for column in view.columns] == ["numeric(6,2)", "timestamp with time zone"]


def test_a_table_with_inheritors_is_refused(catalog):
    with pytest.raises(SourceRefused, match=r"public\.t: other tables inherit .* FROM ONLY"):
        catalog("CREATE TABLE t (a int)", "CREATE TABLE child () INHERITS (t)")
    assert catalog(name="child").names == ("a",)


def test_a_table_that_is_not_there_is_refused(catalog):
    with pytest.raises(SourceRefused, match=r"public\.T: no such table .* names are exact"):
        catalog("CREATE TABLE t (a int)", name="T")


@pytest.mark.parametrize("of_schema", [False, True])
def test_the_grant_that_is_printed_lets_the_role_read(database, of_schema):
    role = f'r" {uuid.uuid4()}'
    schema, table = 's"; x', 'T "; DROP TABLE x --'
    named = sql.SQL(".").join([sql.Identifier(schema), sql.Identifier(table)])
    with closing(psycopg2.connect(database.dsn)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        cursor.execute(sql.SQL("CREATE SCHEMA {}; CREATE TABLE {} (id int PRIMARY KEY)").format(
            sql.Identifier(schema), named
        ))  # fmt: skip
        if of_schema:  # the table's own grant is there, and is not enough
            cursor.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(named, sql.Identifier(role)))
        reader = replace(database, user=role)
        with closing(PostgresInspection(parameters({**parameters(reader.dsn), "user": role}))) as inspection:
            with pytest.raises(SourceRefused, match="the role may not read it") as caught:
                inspection.describe(schema, table)
            cursor.execute(str(caught.value).partition("may not read it; ")[2])
            assert inspection.describe(schema, table).key == ("id",)
        cursor.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(role)))
