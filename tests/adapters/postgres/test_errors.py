"""PostgreSQL's errors sorted by what to do: later, another configuration, or a person who mends the source."""

from __future__ import annotations

import traceback

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.postgres.connect import connected, parameters
from floodmark.adapters.postgres.errors import is_english, mapped
from floodmark.adapters.postgres.reader import reader
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ports import Selection
from floodmark.errors import ConfigurationError, SourceChanged, SourceRefused, SourceUnavailable
from tests.adapters.postgres.sessions import LEDGER, session
from tests.adapters.postgres.test_reading import READ_AT

MANY = "CREATE TABLE {name} AS SELECT g AS id, repeat('x', 300) AS note FROM generate_series(1, 100000) AS g"
"""So many rows that the first batches are here before the server comes to the last."""


class Failed(Exception):
    def __init__(self, sqlstate, text="it failed"):
        super().__init__(text)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (Failed("42703"), SourceChanged, "names what isn't there"),
        (Failed("42501"), SourceRefused, "BYPASSRLS"),
        (Failed("22012"), SourceRefused, "a row can't be read"),
        (Failed("22021"), SourceRefused, "encoding"),
        (Failed("28P01"), ConfigurationError, "28P01"),
        (Failed("3D000"), ConfigurationError, "3D000"),
        (Failed("53200"), SourceUnavailable, "53200"),
        (OSError("ERROR:  could not read block 7 in file"), SourceUnavailable, "58030"),
        (OSError('ERROR:  invalid input syntax for type integer: "deadlock detected"'), SourceRefused, "22P02"),
        (Failed("40001"), SourceUnavailable, "hot_standby_feedback"),
        (Failed("57P01"), SourceUnavailable, "57P01"),
        (OSError("ERROR:  canceling statement due to conflict with recovery"), SourceUnavailable, "hot_standby"),
        (OSError("[libpq] server closed the connection"), SourceUnavailable, "server closed"),
        (Failed("", "it failed\n\nQuery was: SELECT 'secret'"), SourceUnavailable, "it failed"),
    ],
)
def test_errors_are_sorted_by_what_to_do(error, kind, says):
    found = mapped(error, "reading public.t")
    assert type(found) is kind
    assert "reading public.t: " in str(found)
    assert says in str(found)
    assert "secret" not in str(found)


def read(reading):
    """Every row of it."""
    list(reading.rows(None, READ_AT))


def view(name: str, expression: str) -> tuple[str, ...]:
    """A table of many rows, and a view over it whose expression fails at the last of them."""
    return (MANY.format(name="t"), f"CREATE VIEW {name} AS SELECT id, {expression} AS note FROM t")


@pytest.mark.parametrize(
    ("statements", "where", "state"),
    [
        (view("v", "10 / (id - 100000)"), "", "22012"),
        (view("v", "(id::bigint * 100000)::int"), "", "22003"),
        (view("v", "(CASE id WHEN 100000 THEN 'x' ELSE '1' END)::int"), "", "22P02"),
        (view("v", "id"), "(CASE id WHEN 100000 THEN 'x' ELSE '1' END)::date < 'infinity'", "22007"),
    ],
    ids=["division by zero", "out of range", "a failing cast", "a failing cast in where"],
)
def test_a_row_that_can_not_be_read_is_final_and_names_the_table(source, database, statements, where, state):
    with session(database.dsn, *statements):
        selection = Selection(schema="public", name="v", key=("id",), cursor=(), columns=("id", "note"), where=where)
        with source.open(selection) as reading, pytest.raises(SourceRefused, match=r"public\.v: ") as caught:
            read(reading)
    assert state in str(caught.value)
    assert "a row can't be read" in str(caught.value)


def test_bad_bytes_of_a_database_without_encoding_are_final(postgres, database):
    with session(database.dsn) as cursor:
        cursor.execute(f"CREATE DATABASE {database.dbname}_b TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    dsn = f"{database.dsn} dbname={database.dbname}_b" if "=" in database.dsn else f"{database.dsn}_b"
    try:
        bad = "INSERT INTO t VALUES (100001, convert_from('\\xff41'::bytea, 'SQL_ASCII'))"
        with session(dsn, MANY.format(name="t"), bad):
            selection = Selection(schema="public", name="t", key=("id",), cursor=(), columns=("id", "note"))
            told = pytest.raises(SourceRefused, match=r"public\.t: .*0xff.*22021.*exclude its column")
            with PostgresSource(dsn, LEDGER).open(selection) as reading, told:
                read(reading)
    finally:
        postgres.drop_database(f"{database.dbname}_b")


@pytest.mark.parametrize(
    ("language", "known"),
    [("C", True), ("C.UTF-8", True), ("POSIX", True), ("en_US.UTF-8", True), ("English_United States.1252", True),
     ("de_DE.UTF-8", False), ("es_ES", False), ("ca_ES", False), ("", False)],
)  # fmt: skip
def test_only_words_of_a_known_language_are_a_verdict(language, known):
    """Without a SQLSTATE a cancelled read and a bad row can't be told apart in Spanish, which says ERROR too."""
    assert is_english(language) is known


def test_a_lost_connection_in_mid_stream_is_for_later(source, database):
    slowly = Selection(
        schema="public", name="t", key=("id",), cursor=(), columns=("id", "note"), where="pg_sleep(0.0001) IS NOT NULL"
    )
    with session(database.dsn, MANY.format(name="t")) as cursor, source.open(slowly) as reading:
        rows = reading.rows(None, READ_AT)
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(SourceUnavailable):
            list(rows)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"user": "nobody"}, r'role "nobody" does not exist \(28000\); mend its login'),
        ({"dbname": "nowhere"}, r'database "nowhere" does not exist \(3D000\); mend its schema'),
        ({"sslmode": "require"}, "does not support SSL"),
        ({"port": "many"}, 'invalid integer value "many"'),
    ],
    ids=["login", "database", "encryption", "port"],
)
def test_a_refused_connection_is_a_matter_of_configuration_and_is_named(database, wrong, says):
    """Both drivers, though neither gives a SQLSTATE then."""
    given = LocalConnections({}, dsns={"shop_db": database.dsn}).libpq("shop_db")
    given.update(wrong)
    for connect in (connected, lambda fields: reader(fields, [], "public.t")):
        with pytest.raises(ConfigurationError, match=rf"^connection shop_db: .*{says}"), connect(parameters(given)):
            pass


def test_a_name_that_can_not_be_resolved_may_be_in_a_minute():
    given = parameters({"host": "no.such.host.invalid", "dbname": "x"})
    with pytest.raises(SourceUnavailable, match="could not translate host name"), connected(given):
        pass


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Failed("22P02", 'invalid input syntax for type integer: "secret"'), "can't convert or compute (its own words"),
        (Failed("23505", "duplicate key\nDETAIL:  Key (email)=(secret) already exists."), "breaks a constraint"),
        (Failed("P0001", "secret is what a function raised"), "the server ended the statement (its own words"),
        (Failed("42501", "permission denied for secret, says a function"), "the server ended the statement"),
        (Failed("57014", "canceling statement\nCONTEXT:  secret"), "canceling statement (57014)"),
        (Failed("55P03", "canceling statement due to lock timeout\nQuery was: secret"), "due to lock timeout (55P03)"),
        (OSError('ERROR:  invalid input syntax for type integer: "secret"'), "can't convert or compute"),
        (OSError("ERROR:  permission denied for secret, says a function"), "the server ended the statement"),
    ],
)
def test_no_value_is_told_where_a_table_hides_some(error, told):
    found = str(mapped(error, "reading public.t", hidden=True))
    assert told in found
    assert "secret" not in found
    assert type(mapped(error, "reading public.t", hidden=True)) is type(mapped(error, "reading public.t"))


@pytest.mark.parametrize("rows", [1, 100_000])
def test_a_table_that_hides_values_tells_none_in_its_traceback(database, rows):
    people = (
        "CREATE TABLE people AS SELECT g AS id, repeat('x', 300) AS filler, "
        f"CASE WHEN g = {rows} THEN 'a secret' ELSE '1' END AS email FROM generate_series(1, {rows}) g"
    )
    source = PostgresSource(database.dsn, LEDGER)
    for columns, shown in ((("id", "filler", "email"), True), (("id", "filler"), False)):
        chosen = Selection(schema="public", name="people", key=(), cursor=(), columns=columns, where="email::int > 0")
        made, raised = session(database.dsn, "DROP TABLE IF EXISTS people", people), pytest.raises(SourceRefused)
        with made, source.open(chosen) as reading, raised as told:
            read(reading)
        assert ("secret" in "".join(traceback.format_exception(told.value))) is shown
