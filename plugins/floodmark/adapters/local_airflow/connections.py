"""Connections of the Airflow that is set up here: of its secrets backends, or of its database.

They are asked for by a process of its own: neither Airflow's seconds of import nor its logging are the caller's.
Secrets come through its pipe alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from floodmark.adapters.local_airflow import home


class AirflowsConnections:
    """``of(connection)``: its text as JSON. All that are ``wanted`` are asked for at once, when the first is needed."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = list(wanted)
        self._texts: dict[str, str] = {}

    def of(self, connection: str) -> str:
        """Empty where Airflow has none, or none is set up. Raises ``RetriableError`` where it can't be asked."""
        if connection not in self._texts:
            missing = [one for one in dict.fromkeys([connection, *self._wanted]) if one not in self._texts]
            self._texts |= _asked(missing) if home.is_set_up() else dict.fromkeys(missing, "")
        return self._texts[connection]


def _asked(connections: list[str]) -> dict[str, str]:
    what = "the connections of the Airflow that is set up here can't be asked"
    told: dict[str, str] = json.loads(home.answer("-m", __name__, *connections, what=what).splitlines()[-1])
    return told


def _text(connection: str) -> str:
    from airflow.models.connection import Connection
    from airflow.providers.common.compat.sdk import AirflowNotFoundException
    from airflow.utils.session import create_session
    from sqlalchemy import select

    try:
        return str(Connection.get_connection_from_secrets(connection).as_json())
    except AirflowNotFoundException:
        with create_session() as session:  # it is said of a database, too, that gave no answer
            session.execute(select(Connection.conn_id).limit(1))
        return ""


if __name__ == "__main__":
    print(json.dumps({one: _text(one) for one in sys.argv[1:]}))
