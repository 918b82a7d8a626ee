"""What Cloud SQL says of itself by executeSql: the same questions as over a connection."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from floodmark.adapters.cloudsql.api import AdminApi, Answered, Place, Unanswered, unavailable
from floodmark.adapters.cloudsql.asking import Asking
from floodmark.adapters.cloudsql.refusals import refused
from floodmark.adapters.postgres.inspection import PostgresInspection, advice, unproved
from floodmark.core.ports.inspection import Advice, Server, Spread

_DOING = "asking the source for its privileges and indexes"


class CloudSqlInspection(PostgresInspection):
    """Implements :class:`~floodmark.core.ports.Inspection`."""

    def __init__(self, place: Place, session: Callable[[], Any]) -> None:
        super().__init__({})
        self._place, self._api = place, AdminApi(place, session)
        self._asking = Asking(self._api)

    @property
    def _connection(self) -> Any:
        return self._asking

    def server(self) -> Server:
        """The instance, and its database as our IAM user sees it."""
        kind = self._kind()
        facts = self.facts()
        role = "a primary" if kind != "READ_REPLICA_INSTANCE" else "a read replica"
        replica = Advice(
            about="source",
            said="it is a read replica, which exports no CSV",
            remedy="name its primary as cloudsql.instance",
        )
        return Server(
            name=f"PostgreSQL {facts.version}, {role}",
            place=str(self._place),
            unproved=tuple(unproved(facts, has_primary=False)),
            advice=(*advice(facts), *([replica] if kind == "READ_REPLICA_INSTANCE" else [])),
        )

    def spread(self, schema: str, name: str, column: str) -> Spread | None:
        """How a column of dates or moments spreads, by the planner's statistics; None before ANALYZE."""
        for low, high, values in self._ask("facts_spread", schema=schema, table=name, column=column):
            ends = [datetime.fromisoformat(end).replace(tzinfo=UTC) for end in (low, high)]
            return Spread(low=ends[0], high=ends[1], values=values)
        return None

    def estimate(self, query: str) -> int:
        """How many rows the planner expects of a query; nothing is read."""
        doing = "estimating the rows of the next read"
        [plan] = json.loads("\n".join(self._asking.lines(f"EXPLAIN (FORMAT JSON) {query}", doing)))
        return int(plan["Plan"]["Plan Rows"])

    def _kind(self) -> str:
        try:
            return str(self._api.instance().get("instanceType", ""))
        except Unanswered as error:
            raise unavailable(self._place, _DOING, error) from error
        except Answered as error:
            raise refused(self._place, _DOING, error) from error
