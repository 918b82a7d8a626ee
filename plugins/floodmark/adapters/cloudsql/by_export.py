"""Questions answered by an export of their own: several at once, in one snapshot.

Where executeSql isn't allowed all are, the look among them; where it is, those that its 30 seconds are too few for.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from floodmark.adapters.cloudsql import file
from floodmark.adapters.cloudsql.operations import Operations
from floodmark.adapters.cloudsql.query import context, questions
from floodmark.adapters.cloudsql.unspoiled import believed_answers, read, require_set
from floodmark.core.ports.export import NotBegun
from floodmark.errors import SourceUnavailable


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The rows of each question, the server's version as libpq tells it, the digest of the catalog that they saw."""

    rows: list[list[tuple[Any, ...]]]
    version: int
    catalog: str


class ByExport:
    """``folder`` is a place in the stage, ``gs://bucket/prefix``; ``opened`` and ``removed`` are of an object there."""

    def __init__(
        self,
        operations: Operations,
        opened: Callable[[str], Any],
        *,
        removed: Callable[[str], None],
        folder: str,
        database: str,
    ) -> None:
        self._operations, self._opened, self._removed = operations, opened, removed
        self._folder, self._database = folder, database

    def answers(self, statements: Sequence[str], doing: str, *, first: str = "", hidden: bool = False) -> Answers:
        """Export them. Nothing is kept of it: a twin of a lost request writes an object that nobody reads.

        ``first`` and ``hidden`` as in :meth:`Asking.ask`. Raises ``SourceUnavailable``, ``SourceRefused``.
        """
        uri = f"{self._folder}/_questions/{uuid.uuid4()}.csv"
        asked = context(uri, questions(statements, doing, first=first), self._database, offload=False)
        try:
            self._operations.carry_out(asked, doing, hidden=hidden, to_the_end=True)
        except NotBegun as error:
            raise SourceUnavailable(f"{error}; it is asked again later") from error
        found = file.lines(self._opened(uri), doing)
        told = believed_answers(file.first(found, doing), doing)
        rows, end = file.answers(found, len(statements), doing)
        require_set(read(end, doing).get("set"), doing)
        self._removed(uri)
        return Answers(rows=rows, version=int(told["version"]), catalog=str(told["catalog"]))
