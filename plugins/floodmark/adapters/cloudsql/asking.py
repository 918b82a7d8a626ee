"""Questions to the database by executeSql, behind the face of a psycopg2 connection, which the catalog's readers know.

Every value comes as text, so a question is asked for rows of JSON, which tell a number from a text. Each is a
transaction of its own, with the settings of a read (R34).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self

from floodmark.adapters.cloudsql.api import AdminApi, Answered, Unanswered, unavailable
from floodmark.adapters.cloudsql.refusals import refused_question
from floodmark.adapters.postgres.connect import SETTINGS
from floodmark.adapters.postgres.errors import mapped
from floodmark.adapters.postgres.quote import literal
from floodmark.errors import FloodmarkError

_SECURED = {"row_security": "on"}
"""A policy that lets our role see all rows is one, and ``off`` would refuse it: what is hidden is asked for (R2)."""
OLDEST = 140_000
"""``extract`` gives exact numbers since then."""


class Asking:
    """``connection.cursor()`` as ``adapters/postgres`` uses it, and several statements in one transaction."""

    def __init__(self, api: AdminApi) -> None:
        self._api, self._version = api, 0

    @property
    def server_version(self) -> int:
        """As libpq tells it: 160003."""
        if not self._version:
            [[(found,)]] = self.ask(["SELECT pg_catalog.current_setting('server_version_num')::int AS version"])
            self._version = int(found)
        return self._version

    def cursor(self) -> _Cursor:
        """One that runs a SELECT and keeps its rows."""
        return _Cursor(self)

    def ask(
        self, statements: Sequence[str], *, first: str = "", doing: str = "asking the source", hidden: bool = False
    ) -> list[list[tuple[Any, ...]]]:
        """The rows of some SELECTs in one transaction, after ``first``, whose rows nobody wants.

        ``hidden``: the server's words may hold a value that must not be told.
        Raises ``SourceUnavailable``, ``SourceRefused``.
        """
        settings = [f"SET LOCAL {name} = {literal(value)}" for name, value in (SETTINGS | _SECURED).items()]
        before = [*settings, *([first] if first else [])]
        text = ";\n".join([*before, *map(_as_json, statements)])
        found = self._execute(text, doing, hidden=hidden)[len(before) :]
        return [[_values(row[0]) for row in rows] for rows in found]

    def lines(self, statement: str, doing: str) -> list[str]:
        """The first column of a statement that is no SELECT, as text."""
        return [str(row[0]) for row in self._execute(statement, doing)[-1]]

    def _execute(self, text: str, doing: str, *, hidden: bool = False) -> list[list[tuple[str | None, ...]]]:
        try:
            return self._api.execute(text)
        except Unanswered as error:
            raise unavailable(self._api.place, doing, error) from error
        except Answered as error:
            raise self._mapped(error, doing, hidden=hidden) from (None if hidden else error)

    def _mapped(self, error: Answered, doing: str, *, hidden: bool) -> FloodmarkError:
        if error.reason == "sql":
            return mapped(RuntimeError(error.message), doing, final=True, hidden=hidden)
        return refused_question(self._api.place, doing, error)


class _Cursor:
    def __init__(self, asking: Asking) -> None:
        self._asking, self._rows = asking, []  # type: ignore[var-annotated]
        self.description = ("row",)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def execute(self, statement: str) -> None:
        """Run it."""
        [self._rows] = self._asking.ask([statement])

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Its rows."""
        return self._rows


def _as_json(statement: str) -> str:
    return f"SELECT pg_catalog.row_to_json(_floodmark_q)::text FROM (\n{statement}\n) AS _floodmark_q"


def _values(row: str | None) -> tuple[Any, ...]:
    """The values of a row, in order, whatever their names: two may have one."""
    found: list[tuple[str, Any]] = json.loads(row or "{}", object_pairs_hook=list)
    return tuple(value for _, value in found)
