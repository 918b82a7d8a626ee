"""The connection that goes from hand to hand, and what was known of a table before it was locked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from floodmark.adapters.postgres import kept as postgres_kept
from floodmark.adapters.postgres.connect import parameters, rows
from floodmark.adapters.postgres.kept import Kept
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ports import Selection
from floodmark.demo.servers.all import Database
from floodmark.errors import SourceChanged, SourceUnavailable
from tests.adapters.postgres.sessions import LEDGER, alone, session

_TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz NOT NULL DEFAULT now())"


@pytest.fixture
def kept() -> Iterator[Kept]:
    found = Kept()
    yield found
    found.close()


def _backend(connection: Any) -> int:
    return int(rows(connection, "SELECT pg_catalog.pg_backend_pid()", "asking")[0][0])


def test_it_is_asked_again_and_closed_by_its_last_user(database: Database, kept: Kept) -> None:
    given = parameters(database.dsn)
    with kept.connected(given) as connection:
        first = _backend(connection)
    with kept.connected(given) as connection:
        assert _backend(connection) == first
    with kept.last(given) as connection:
        assert _backend(connection) == first
    with session(database.dsn) as cursor:
        assert alone(cursor)


def test_who_finds_it_taken_connects_anew(database: Database, kept: Kept) -> None:
    given = parameters(database.dsn)
    with kept.connected(given) as one, kept.connected(given) as other:
        assert _backend(one) != _backend(other)
    kept.close()
    with session(database.dsn) as cursor:
        assert alone(cursor)


@pytest.mark.parametrize("ended", ["by an error", "in a transaction"])
def test_one_that_may_be_in_the_middle_of_something_is_not_kept(database: Database, kept: Kept, ended: str) -> None:
    given = parameters(database.dsn)
    with (
        pytest.raises(SourceUnavailable) if ended == "by an error" else session(database.dsn),
        kept.connected(given) as one,
    ):
        rows(one, "BEGIN", "beginning")
        if ended == "by an error":
            raise SourceUnavailable("as a test")
    with session(database.dsn) as cursor:
        assert alone(cursor)


def test_an_older_one_is_not_trusted(database: Database, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A firewall drops it without a word to either side."""
    given = parameters(database.dsn)
    with kept.connected(given) as connection:
        first = _backend(connection)
    monkeypatch.setattr(postgres_kept, "SECONDS", 0.0)
    with kept.connected(given) as connection:
        assert _backend(connection) != first


def test_it_leads_where_it_is_asked_to(database: Database, kept: Kept) -> None:
    """The look goes to the primary, the read to its standby."""
    given = parameters(database.dsn)
    with kept.connected(given) as connection:
        first = _backend(connection)
    with kept.connected({**given, "dbname": "postgres"}) as connection:
        assert _backend(connection) != first
        assert connection.info.dbname == "postgres"


@pytest.mark.parametrize(
    ("altered", "type_"),
    [
        ("ALTER TABLE orders ALTER note TYPE varchar(7)", "character varying(7)"),
        ("ALTER TABLE orders DROP note, ADD note bigint", "bigint"),
        ("ALTER TABLE orders RENAME TO old; CREATE TABLE orders (LIKE old)", "text"),
    ],
)
def test_a_table_that_changed_since_it_was_described_is_held_as_it_is_now(
    database: Database, altered: str, type_: str
) -> None:
    source = PostgresSource(database.dsn, LEDGER)
    with session(database.dsn, _TABLE) as cursor:
        before = source.describe("public", "orders")
        cursor.execute(altered)
        cursor.execute("INSERT INTO orders (id) VALUES (1)" if "RENAME" not in altered else "SELECT")
        selection = Selection(
            schema="public", name="orders", key=(), cursor=("updated_at",), columns=("id", "note", "updated_at")
        )
        with source.open(selection) as reading:
            assert reading.schema.column("note").type == type_
            assert reading.schema.identity != before.identity or "TYPE" in altered
    source.close()


def test_a_column_that_went_since_is_missed_by_name(database: Database) -> None:
    source = PostgresSource(database.dsn, LEDGER)
    with session(database.dsn, _TABLE) as cursor:
        selection = Selection(
            schema="public",
            name="orders",
            key=(),
            cursor=("updated_at",),
            columns=source.describe("public", "orders").names,
        )
        cursor.execute("ALTER TABLE orders DROP note")
        with pytest.raises(SourceChanged, match="has no column note; it has: id, updated_at"), source.open(selection):
            pass
    source.close()
