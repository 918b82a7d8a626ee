"""One set of libpq parameters reaches both drivers; what is quoted means what it says; errors say what to do."""

from datetime import UTC, date, datetime, timedelta, timezone

import adbc_driver_postgresql.dbapi as adbc
import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodmark.adapters.postgres.connect import address, connected, parameters, transaction_settings, uri
from floodmark.adapters.postgres.quote import literal, name
from floodmark.demo.servers.all import FAST, PostgresServer, temporary_folder
from floodmark.errors import ConfigurationError, SourceRefused, SourceUnavailable

ODD = "p@ss/w:rd%20?&=#+ '\"\\é[]{}"
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def guarded():
    """A server whose superuser needs a password of every character that has a meaning somewhere."""
    with temporary_folder() as folder, PostgresServer(folder=folder, settings=FAST, password=ODD) as server:
        yield server


def asked(given, question):
    with connected(given) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        first = cursor.fetchall()
    connection = adbc.connect(uri(given), autocommit=True)
    cursor = connection.cursor()
    try:
        cursor.execute(question)
        return first, cursor.fetchall()
    finally:
        cursor.close()
        connection.close()


def test_odd_passwords_reach_both_drivers(guarded):
    for way in (
        {"host": "127.0.0.1", "port": guarded.port, "user": "postgres", "password": ODD, "dbname": "postgres"},
        guarded.database().dsn,
    ):
        assert asked(parameters(way), "SELECT current_user::text") == ([("postgres",)], [("postgres",)])


def test_every_field_reaches_both_drivers(guarded):
    given = parameters(
        {
            "host": str(guarded.data),  # a Unix socket
            "port": guarded.port,
            "user": "postgres",
            "password": ODD,
            "database": "postgres",
            "options": "-c work_mem=5MB -c jit=off",
            "sslmode": "disable",
            "keepalives_idle": 7,
            "sslrootcert": None,
        }
    )
    question = "SELECT current_setting('work_mem'), current_setting('jit'), inet_server_addr() IS NULL"
    assert asked(given, question) == ([("5MB", "off", True)], [("5MB", "off", True)])


def test_a_wrong_password_is_not_repeated(guarded):
    given = parameters({"host": "127.0.0.1", "port": guarded.port, "user": "postgres", "password": "hunter2"})
    with pytest.raises(ConfigurationError, match="password authentication failed") as caught, connected(given):
        pass
    assert "hunter2" not in f"{caught.value!r}{caught.value.__cause__}{address(given)}"


def test_an_address_that_is_none_is_not_repeated():
    with pytest.raises(SourceRefused, match="not shown") as caught:
        parameters("postgresql://me:hunter2@host/db?nonsense=1")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_server_that_is_not_there_is_a_reason_to_try_later():
    nobody = parameters({"host": "127.0.0.1", "port": 1, "dbname": "x"})
    with pytest.raises(SourceUnavailable, match=r"connecting to 127\.0\.0\.1:1/x") as caught, connected(nobody):
        pass
    assert "; see that it runs and can be reached from here, and that connection" in str(caught.value)


@given(TEXT)
def test_a_literal_is_that_text(database_cursor, text):
    database_cursor.execute(f"SELECT {literal(text)}")
    assert database_cursor.fetchone() == (text,)


@given(TEXT.filter(bool).map(lambda text: text[:10]))
def test_a_name_is_that_name(database_cursor, text):
    database_cursor.execute(f"SELECT 1 AS {name(text)}")
    assert database_cursor.description[0].name == text


@pytest.fixture(scope="module")
def database_cursor(postgres):
    connection = psycopg2.connect(postgres.database().dsn, client_encoding="utf8")
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_a_backslash_is_no_escape_whatever_the_server_thinks(database_cursor, conforming):
    database_cursor.execute(f"SET standard_conforming_strings = {conforming}")
    database_cursor.execute(f"SELECT {literal(chr(92) + chr(39) + '; DROP TABLE t; --')}")
    assert database_cursor.fetchone() == ("\\'; DROP TABLE t; --",)
    database_cursor.execute("RESET standard_conforming_strings")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "TRUE"),
        (-3, "-3"),
        (date(2026, 11, 1), "DATE '2026-11-01'"),
        (datetime(2026, 11, 1, 0, 0, 0, 1), "TIMESTAMP '2026-11-01 00:00:00.000001'"),  # noqa: DTZ001
        (datetime(2026, 11, 1, tzinfo=UTC), "TIMESTAMPTZ '2026-11-01 00:00:00+00:00'"),
        (datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=2))), "TIMESTAMPTZ '2026-10-31 22:00:00+00:00'"),
    ],
)
def test_other_literals(value, written):
    assert literal(value) == written


@pytest.mark.parametrize("value", [None, 1.5, "a\0b", b"x"])
def test_what_has_no_literal_is_a_mistake(value):
    with pytest.raises(ValueError, match="can't be written"):
        literal(value)


def test_the_name_is_the_first_setting_and_all_are_local():
    settings = transaction_settings("floodmark/x", 180000, timedelta(seconds=2), None)
    assert settings[0] == "SET LOCAL application_name = 'floodmark/x'"
    assert all(setting.startswith("SET LOCAL ") for setting in settings)
    assert {"SET LOCAL lock_timeout = '2000'", "SET LOCAL statement_timeout = '0'"} < set(settings)
    assert "SET LOCAL transaction_timeout = '0'" in settings
    assert "transaction_timeout" not in "".join(transaction_settings("x", 160000, timedelta(1), None))[-20:]
