"""What makes a PostgreSQL source easy or hard to read, for ``check`` and ``doctor``: privileges, settings, indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from floodmark.adapters.postgres.connect import connected, parameters, rows
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server, as our role sees it. ``sees_sessions`` is USAGE of pg_read_all_stats (R5)."""

    role: str
    version: str
    database: str
    standby: bool
    sees_sessions: bool
    track_activities: bool
    hot_standby_feedback: bool
    prepared_transactions: int


class Facts:
    """Questions to one open connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def server(self) -> Server:
        """The server and our role on it."""
        [found] = self._ask("facts_server")
        role, version, database, standby, sees, track, feedback, prepared = found
        return Server(
            role=role, version=version, database=database, standby=standby, sees_sessions=sees,
            track_activities=track, hot_standby_feedback=feedback, prepared_transactions=prepared,
        )  # fmt: skip

    def indexed(self, schema: str, table: str) -> frozenset[str]:
        """Columns that lead an index of the table by which a range of them can be found."""
        return frozenset(column for (column,) in self._ask("facts_indexes", schema=schema, table=table))

    def estimate(self, query: str) -> int:
        """How many rows the planner expects of a query; nothing is read."""
        [(found,)] = rows(self._connection, f"EXPLAIN (FORMAT JSON) {query}", "estimating the rows of the next read")
        return int(found[0]["Plan"]["Plan Rows"])

    def _ask(self, template: str, **values: object) -> list[tuple[Any, ...]]:
        statement = sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
        return rows(self._connection, statement, "asking the source for its privileges and indexes")


@contextmanager
def facts(libpq: Mapping[str, str]) -> Iterator[Facts]:
    """Connect, ask, close. Raises ``SourceUnavailable``."""
    with connected(parameters(libpq)) as connection:
        yield Facts(connection)
