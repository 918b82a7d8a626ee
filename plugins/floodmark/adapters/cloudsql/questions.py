"""Questions that may scan a table: by executeSql, and by an export of their own where its 30 seconds are too few."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from floodmark.adapters.cloudsql import file
from floodmark.adapters.cloudsql.asking import Asking
from floodmark.adapters.cloudsql.exporter import context
from floodmark.adapters.cloudsql.operations import Operations
from floodmark.adapters.cloudsql.query import question
from floodmark.core.ports.export import NotBegun
from floodmark.errors import SourceUnavailable

_TOO_LONG = ("statement timeout", "(57014)", "exceeds 10 MB", "partial result", "deadline")


class Questions:
    """``folder`` is a place in the stage, ``gs://bucket/prefix``; ``opened`` and ``removed`` are of an object there."""

    def __init__(
        self,
        asking: Asking,
        operations: Operations,
        opened: Callable[[str], Any],
        *,
        removed: Callable[[str], None],
        folder: str,
        database: str,
    ) -> None:
        self._asking, self._operations, self._opened = asking, operations, opened
        self._removed, self._folder, self._database = removed, folder, database

    def rows(self, statement: str, doing: str, *, hidden: bool) -> list[tuple[Any, ...]]:
        """The rows of a SELECT. ``hidden`` as in :meth:`Asking.ask`.

        Raises ``SourceUnavailable``, ``SourceRefused``.
        """
        try:
            [found] = self._asking.ask([statement], doing=doing, hidden=hidden)
        except SourceUnavailable as error:
            if not any(words in str(error).lower() for words in _TOO_LONG):
                raise
            return self._exported(statement, doing, hidden=hidden)
        return found

    def _exported(self, statement: str, doing: str, *, hidden: bool) -> list[tuple[Any, ...]]:
        """Nothing is kept of it: a twin of a lost request writes an object that nobody reads."""
        uri = f"{self._folder}/_questions/{uuid.uuid4()}.csv"
        asked = context(uri, question(statement, doing), self._database, offload=False)
        try:
            self._operations.carry_out(asked, doing, hidden=hidden)
        except NotBegun as error:
            raise SourceUnavailable(f"{error}; it is asked again later") from error
        found = file.answers(file.lines(self._opened(uri), doing), doing)
        self._removed(uri)
        return found
