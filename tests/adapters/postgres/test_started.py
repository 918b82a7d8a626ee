"""Whatever a role or a database sets, a read sees what it always sees (R34)."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg2
import pytest

from floodmark.adapters.postgres.connect import connected, parameters, starting
from floodmark.core.ports import Selection
from tests.adapters.postgres.sessions import session

READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
SETTINGS = (
    "quote_all_identifiers = on",
    "search_path = hostile, public, pg_catalog",
    "datestyle = 'German'",
    "intervalstyle = 'sql_standard'",
    "timezone = 'Asia/Tokyo'",
    "bytea_output = 'escape'",
    "extra_float_digits = -15",
    "lc_monetary = 'C'",
    "lc_numeric = 'C'",
    "lc_time = 'C'",
    "lc_messages = 'C'",
    "standard_conforming_strings = off",
    "transform_null_equals = on",
    "array_nulls = off",
    "xmloption = 'document'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_read_only = on",
    "default_transaction_deferrable = on",
    "statement_timeout = '1min'",
    "lock_timeout = '1min'",
    "idle_in_transaction_session_timeout = '1min'",
    "row_security = off",
    "synchronize_seqscans = on",
    "enable_seqscan = off",
    "enable_indexscan = off",
    "client_encoding = 'LATIN1'",
    "client_min_messages = 'error'",
)
HOSTILE = (
    "CREATE SCHEMA hostile",
    "CREATE VIEW hostile.pg_type AS SELECT * FROM pg_catalog.pg_type WHERE false",
    "CREATE VIEW hostile.pg_class AS SELECT * FROM pg_catalog.pg_class WHERE false",
    "CREATE FUNCTION hostile.count(text) RETURNS int LANGUAGE sql AS 'SELECT 7'",
)
VALUES = (
    "1, 'é', '\\x00ff', 1.5, 0.1, '{1,2}', '{\"a\": 1}', '1 day', '2026-11-01 00:00:00+00', '2026-11-01', "
    "'2026-11-01 00:00', 'ok', '\\ok'"
)


def fill(cursor):
    cursor.execute("CREATE TYPE public.\"State\" AS ENUM ('ok')")
    cursor.execute(
        'CREATE TABLE public."Orders" (id bigint PRIMARY KEY, name text, blob bytea, amount numeric(12,2), '
        "share float8, numbers int[], doc jsonb, span interval, updated_at timestamptz NOT NULL, day date, "
        'local timestamp, state public."State", slash text)'
    )
    cursor.execute("SET standard_conforming_strings = on")
    cursor.execute(f'INSERT INTO public."Orders" VALUES ({VALUES})')


def seen(source):
    """Everything that a read sees of the table: its schema and its rows."""
    schema = source.describe("public", "Orders")
    chosen = Selection(
        schema="public", name="Orders", key=schema.key, cursor=("updated_at",), columns=schema.names,
        where="slash <> 'x'",
    )  # fmt: skip
    with source.open(chosen) as reading:
        batches = [batch.to_pylist() for batch in reading.rows(None, READ_AT)]
        return schema, reading.counts(), batches


@pytest.mark.parametrize("settings", [SETTINGS[:1], SETTINGS], ids=["names are quoted", "all at once"])
def test_settings_of_the_database_change_nothing_that_is_read(source, database, settings):
    with session(database.dsn, *HOSTILE) as cursor:
        fill(cursor)
        before = seen(source)
        assert source.look().clock
        for setting in settings:
            cursor.execute(f'ALTER DATABASE "{database.dbname}" SET {setting}')
    assert seen(source) == before
    assert source.look().clock


def test_our_settings_come_after_the_users_own_options(database):
    given = parameters(database.dsn) | {"options": "-c work_mem=5MB -c quote_all_identifiers=on"}
    question = "SELECT current_setting('work_mem'), current_setting('quote_all_identifiers')"
    with connected(given) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        assert cursor.fetchall() == [("5MB", "off")]


def test_options_of_the_environment_stay(database, monkeypatch):
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=6MB")
    with connected(parameters(database.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('work_mem'), current_setting('quote_all_identifiers')")
        assert cursor.fetchall() == [("6MB", "off")]


@pytest.mark.parametrize(
    "said",
    [
        "FATAL:  unsupported startup parameter: options",
        "FATAL: unsupported startup parameter in options: quote_all_identifiers",
        "feature not supported: RDS Proxy currently doesn't support command-line options.",
    ],
)
def test_a_pooler_that_takes_no_options_is_reached_without(said):
    """PgBouncer itself: tests/pipeline/test_pooler.py."""
    tried = []

    def connect_to_pooler(given):
        tried.append(given.get("options"))
        if given.get("options") != "-c work_mem=5MB":
            raise psycopg2.OperationalError(said)
        return "connected"

    given = {"host": "pooler", "options": "-c work_mem=5MB"}
    assert starting(given, connect_to_pooler, (psycopg2.Error,)) == "connected"
    assert tried == ["-c work_mem=5MB -c quote_all_identifiers=off", "-c work_mem=5MB"]


def test_any_other_error_is_not_tried_again():
    tried = []

    def refuse(given):
        tried.append(given)
        raise psycopg2.OperationalError("password authentication failed")

    with pytest.raises(psycopg2.OperationalError):
        starting({"host": "h"}, refuse, (psycopg2.Error,))
    assert len(tried) == 1
