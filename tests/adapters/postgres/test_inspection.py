"""What PostgreSQL says of itself before anything is read (R5, R8)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from floodmark.adapters.postgres.inspection import Facts, PostgresInspection, advice, unproved
from floodmark.demo.servers.all import Database

GOOD = Facts(
    role="reader", version="18.1", database="shop", standby=False, sees_sessions=True, track_activities=True,
    hot_standby_feedback=True, prepared_transactions=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"sees_sessions": False}, ['GRANT pg_read_all_stats TO "reader"']),
        ({"track_activities": False}, ["ALTER SYSTEM SET track_activities = on"]),
        ({"standby": True}, ["name its primary as seal_connection"]),
        ({"standby": True, "hot_standby_feedback": False}, ["seal_connection", "hot_standby_feedback = on"]),
        ({"hot_standby_feedback": False}, []),
        ({"prepared_transactions": 2}, ["2 prepared transactions hold every seal back; COMMIT PREPARED or"]),
    ],
)
def test_what_should_be_otherwise_is_told_with_its_remedy(changes: dict[str, object], told: list[str]) -> None:
    facts = replace(GOOD, **changes)  # type: ignore[arg-type]
    found = [str(one) for one in (*unproved(facts, has_primary=False), *advice(facts))]
    assert len(found) == len(told)
    assert all(part in one for part, one in zip(told, found, strict=True))
    assert not list(unproved(replace(GOOD, standby=True), has_primary=True))


def test_one_connection_answers_and_is_given_back(database: Database) -> None:
    libpq = {"host": database.host, "port": str(database.port), "dbname": database.dbname, "user": database.user}
    with closing(PostgresInspection(libpq | ({"password": database.password} if database.password else {}))) as asked:
        asked._connection.cursor().execute(
            "CREATE TABLE t (id int PRIMARY KEY, at timestamptz); CREATE INDEX ON t (at) WHERE id > 1;"
            "INSERT INTO t SELECT g FROM generate_series(1, 90) g; ANALYZE t"
        )
        assert asked.server().name.startswith("PostgreSQL ")
        assert f"{database.dbname} on " in asked.server().place
        assert ("public", "t") in asked.tables()
        assert asked.describe("public", "t").key == ("id",)
        assert asked.indexed("public", "t") == {"id"}
        assert asked.estimate("SELECT * FROM t") == 90
        connection = asked._connection
    assert connection.closed
