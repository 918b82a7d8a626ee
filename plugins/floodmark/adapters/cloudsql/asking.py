"""Questions to the database, behind the face of a psycopg2 connection, which the catalog's readers know.

By executeSql; where that isn't allowed, each by an export.

Every value comes as text, so a question is asked for rows of JSON, which tell a number from a text. Each is a
transaction of its own, with the settings of a read (R34).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any, Protocol, Self

from floodmark.adapters.cloudsql.api import AdminApi, Answered, Unanswered, unavailable
from floodmark.adapters.cloudsql.by_export import Answers, ByExport
from floodmark.adapters.cloudsql.refusals import is_forbidden, refused_question
from floodmark.adapters.postgres.connect import SETTINGS
from floodmark.adapters.postgres.errors import mapped
from floodmark.adapters.postgres.quote import literal
from floodmark.errors import FloodmarkError

log = logging.getLogger(__name__)
_SECURED = {"row_security": "on"}
"""A policy that lets our role see all rows is one, and ``off`` would refuse it: what is hidden is asked for (R2)."""
OLDEST = 140_000
"""``extract`` gives exact numbers since then."""


class Asking:
    """``connection.cursor()`` as ``adapters/postgres`` uses it, and several statements in one transaction.

    ``by_export`` is what answers where executeSql isn't allowed; without it, that is refused. ``by_exports`` says
    whether it does, as soon as something was asked; ``catalog`` is the digest of the catalog that the last such answer
    saw.
    """

    flat = True

    def __init__(self, api: AdminApi, by_export: ByExport | None = None) -> None:
        self._api, self._by_export, self._version = api, by_export, 0
        self.by_exports, self.catalog = False, ""

    @property
    def server_version(self) -> int:
        """As libpq tells it: 160003."""
        if not self._version:
            [[(found,)]] = self.ask(["SELECT pg_catalog.current_setting('server_version_num')::int AS version"])
            self._version = int(found)
        return self._version

    def cursor(self) -> Cursor:
        """One that runs a SELECT and keeps its rows."""
        return Cursor(self)

    def ask(
        self, statements: Sequence[str], *, first: str = "", doing: str = "asking the source", hidden: bool = False
    ) -> list[list[tuple[Any, ...]]]:
        """The rows of some SELECTs in one transaction, after ``first``, whose rows nobody wants.

        ``hidden``: the server's words may hold a value that must not be told.
        Raises ``SourceUnavailable``, ``SourceRefused``.
        """
        if not self.by_exports:
            try:
                return self._executed(statements, first, doing, hidden=hidden)
            except _Forbidden as error:
                self._take_exports(error)
        return self.answers(statements, first=first, doing=doing, hidden=hidden).rows

    def answers(
        self, statements: Sequence[str], *, first: str = "", doing: str = "asking the source", hidden: bool = False
    ) -> Answers:
        """The same by an export, with what that tells of itself."""
        assert self._by_export is not None  # else nothing is asked by exports
        found = self._by_export.answers(statements, doing, first=first, hidden=hidden)
        self._version, self.catalog = found.version, found.catalog
        return found

    def _take_exports(self, error: _Forbidden) -> None:
        if self._by_export is None:
            raise error.refused from error.__cause__
        log.warning("%s; until then each question is an export of its own", error.refused)
        self.by_exports = True

    def _executed(
        self, statements: Sequence[str], first: str, doing: str, *, hidden: bool
    ) -> list[list[tuple[Any, ...]]]:
        settings = [f"SET LOCAL {name} = {literal(value)}" for name, value in (SETTINGS | _SECURED).items()]
        before = [*settings, *([first] if first else [])]
        text = ";\n".join([*before, *map(_as_json, statements)])
        found = self._execute(text, doing, hidden=hidden)[len(before) :]
        return [[_values(row[0]) for row in rows] for rows in found]

    def lines(self, statement: str, doing: str) -> list[str]:
        """The first column of a statement that is no SELECT, as text."""
        try:
            return [str(row[0]) for row in self._execute(statement, doing)[-1]]
        except _Forbidden as error:
            raise error.refused from error.__cause__

    def _execute(self, text: str, doing: str, *, hidden: bool = False) -> list[list[tuple[str | None, ...]]]:
        try:
            return self._api.execute(text)
        except Unanswered as error:
            raise unavailable(self._api.place, doing, error) from error
        except Answered as error:
            if error.reason != "sql" and is_forbidden(error):
                raise _Forbidden(refused_question(self._api.place, doing, error)) from error
            raise self._mapped(error, doing, hidden=hidden) from (None if hidden else error)

    def _mapped(self, error: Answered, doing: str, *, hidden: bool) -> FloodmarkError:
        if error.reason == "sql":
            return mapped(RuntimeError(error.message), doing, final=True, hidden=hidden)
        return refused_question(self._api.place, doing, error)


class _Forbidden(Exception):
    """executeSql itself isn't allowed; ``refused`` says what mends it."""

    def __init__(self, refused: FloodmarkError) -> None:
        super().__init__(str(refused))
        self.refused = refused


class Asks(Protocol):
    """What a cursor asks."""

    def ask(self, statements: Sequence[str]) -> list[list[tuple[Any, ...]]]:
        """The rows of each."""


class Cursor:
    """As much of psycopg2's as the catalog's readers use."""

    def __init__(self, asking: Asks) -> None:
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
