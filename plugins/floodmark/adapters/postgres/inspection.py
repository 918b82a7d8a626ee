"""What makes a PostgreSQL source easy or hard to read, for ``check`` and ``doctor``: privileges, settings, indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from typing import Any

from floodmark.adapters.connections import libpq as fields
from floodmark.adapters.postgres import catalog, own_select
from floodmark.adapters.postgres.connect import connected, parameters, rows
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ports.inspection import Activity, Advice, Server, Spread
from floodmark.core.schema import TableSchema

SEAL, SOURCE = "seal", "source"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What one server says. ``sees_sessions`` is USAGE of pg_read_all_stats (R5)."""

    role: str
    version: str
    database: str
    standby: bool
    sees_sessions: bool
    track_activities: bool
    hot_standby_feedback: bool
    prepared_transactions: int


class PostgresInspection:
    """Implements :class:`~floodmark.core.ports.Inspection`. ``has_primary``: a seal_connection is named beside it."""

    def __init__(self, libpq: Mapping[str, str], *, has_primary: bool = False) -> None:
        self._libpq, self._has_primary = libpq, has_primary
        self._opened = ExitStack()

    def server(self) -> Server:
        """The server and our role on it."""
        facts = self.facts()
        kind = "a standby" if facts.standby else "a primary"
        return Server(
            name=f"PostgreSQL {facts.version}, {kind}",
            place=fields.shown(self._libpq),
            unproved=tuple(unproved(facts, has_primary=self._has_primary)),
            advice=tuple(advice(facts)),
        )

    def facts(self) -> Facts:
        """Its settings, and our role's privileges."""
        [(role, version, database, standby, sees, track, feedback, prepared)] = self._ask("facts_server")
        return Facts(
            role=role, version=version, database=database, standby=standby, sees_sessions=sees,
            track_activities=track, hot_standby_feedback=feedback, prepared_transactions=prepared,
        )  # fmt: skip

    def tables(self) -> Sequence[tuple[str, str]]:
        """``(schema, name)`` of every table and view that the role may read."""
        return catalog.tables(self._connection)

    def unreadable(self) -> Sequence[tuple[str, str]]:
        """``(schema, name)`` of every table and view that is there and that the role may not read."""
        return [(schema, table) for schema, table in self._ask("unreadable_tables")]

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table, or what a SELECT of the user's own returns. Raises ``SourceRefused`` where it can't be read."""
        return own_select.describe(self._connection, schema, name, sql=sql, where=where, choices=choices)

    def indexed(self, schema: str, name: str) -> frozenset[str]:
        """Columns that lead an index of the table by which a range of them can be found."""
        return frozenset(column for (column,) in self._ask("facts_indexes", schema=schema, table=name))

    def unseen(self, schema: str, name: str) -> Sequence[str]:
        """Nothing: a foreign key's own updates fire triggers too (its page "CREATE TRIGGER")."""
        return ()

    def spread(self, schema: str, name: str, column: str) -> Spread | None:
        """How a column of dates or moments spreads, by the planner's statistics; None before ANALYZE."""
        for low, high, values in self._ask("facts_spread", schema=schema, table=name, column=column):
            return Spread(low=low.replace(tzinfo=UTC), high=high.replace(tzinfo=UTC), values=values)
        return None

    def activity(self, schema: str, name: str) -> Activity:
        """By the planner's and the collector's statistics of the table and its partitions; nothing of a view."""
        [(size, inserted, changes)] = self._ask("facts_activity", schema=schema, table=name)
        return Activity(rows=size, changes=changes if inserted else None)

    def estimate(self, query: str) -> int:
        """How many rows the planner expects of a query; nothing is read."""
        doing = "estimating the rows of the next read"
        [(plan,)] = rows(self._connection, f"EXPLAIN (FORMAT JSON) {query}", doing)
        return int(plan[0]["Plan"]["Plan Rows"])

    def close(self) -> None:
        """Give the connection back; another question makes a new one."""
        self.__dict__.pop("_connection", None)
        self._opened.close()

    @cached_property
    def _connection(self) -> Any:
        return self._opened.enter_context(connected(parameters(self._libpq)))

    def _ask(self, template: str, **values: object) -> list[tuple[Any, ...]]:
        statement = sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
        return rows(self._connection, statement, "asking the source for its privileges and indexes")


def unproved(facts: Facts, *, has_primary: bool) -> Iterator[Advice]:
    """Why no slice of this server could be proved, each with its remedy (R5, R8)."""
    if not facts.sees_sessions:
        yield Advice(
            about=SEAL,
            said=f"role {facts.role} doesn't see other sessions, so nothing can be sealed",
            remedy=f"as a superuser: GRANT pg_read_all_stats TO {name(facts.role)}",
        )
    if not facts.track_activities:
        remedy = "ALTER SYSTEM SET track_activities = on"
        yield Advice(about=SEAL, said="track_activities is off, so nothing can be sealed", remedy=remedy)
    if facts.standby and not has_primary:
        remedy = "name its primary as seal_connection"
        yield Advice(about=SEAL, said="the server is a standby, so nothing can be sealed", remedy=remedy)


def advice(facts: Facts) -> Iterator[Advice]:
    """What else hinders reads."""
    if facts.standby and not facts.hot_standby_feedback:
        remedy = "ALTER SYSTEM SET hot_standby_feedback = on"
        yield Advice(about=SOURCE, said="replay may cancel long reads on this standby", remedy=remedy)
    if facts.prepared_transactions:
        said = f"{facts.prepared_transactions} prepared transactions hold every seal back"
        yield Advice(about=SEAL, said=said, remedy="COMMIT PREPARED or ROLLBACK PREPARED")
