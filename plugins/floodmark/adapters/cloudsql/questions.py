"""Questions that may scan a table: by executeSql, and by an export of their own where its 30 seconds are too few."""

from __future__ import annotations

from typing import Any

from floodmark.adapters.cloudsql.asking import Asking
from floodmark.errors import SourceUnavailable

_TOO_LONG = ("statement timeout", "(57014)", "exceeds 10 MB", "partial result", "deadline")


class Questions:
    """Each is one SELECT."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def rows(self, statement: str, doing: str, *, hidden: bool) -> list[tuple[Any, ...]]:
        """The rows of a SELECT. ``hidden`` as in :meth:`Asking.ask`.

        Raises ``SourceUnavailable``, ``SourceRefused``.
        """
        try:
            [found] = self._asking.ask([statement], doing=doing, hidden=hidden)
        except SourceUnavailable as error:
            if self._asking.by_exports or not any(words in str(error).lower() for words in _TOO_LONG):
                raise
            [found] = self._asking.answers([statement], doing=doing, hidden=hidden).rows
        return found
