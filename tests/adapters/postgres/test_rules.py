"""One server for look, locks and rows (R1)."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import psycopg2
import pytest

from floodmark.adapters.postgres.reader import Reader
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ports import Selection
from floodmark.demo.servers.all import Database
from floodmark.errors import SourceUnavailable

TABLE = Selection(schema="public", name="t", key=("a",), cursor=("at",), columns=("a", "at"))


@pytest.mark.parametrize(("name", "other"), [("system_id", "another cluster"), ("standby", True)])
def test_holder_and_reader_on_two_servers_read_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, other: object
) -> None:
    """As behind an address with several hosts: the locks would be held here, and the rows read there."""
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    connection.cursor().execute("CREATE TABLE t (a int PRIMARY KEY, at timestamptz)")
    connection.close()
    take = Reader.take_snapshot

    def elsewhere(reader: Reader, *given: object, **named: object) -> None:
        take(reader, *given, **named)
        setattr(reader, name, other)

    source = PostgresSource(database.dsn, UUID(int=7))
    with source.open(TABLE) as reading:
        assert reading.rows(None, datetime(2026, 11, 1, tzinfo=UTC)).empty()
    monkeypatch.setattr(Reader, "take_snapshot", elsewhere)
    with pytest.raises(SourceUnavailable, match="two connections reached two servers"):
        source.open(TABLE).__enter__()
