"""What is known of one table's catalog, where each question about it is an export: kept in the stage, by its digest.

Every export tells the digest of the whole catalog that its snapshot saw: the look's, the questions', the rows'. What is
kept is believed as long as the digest is the same. Where it is another, all is asked anew in one export, and the rows
are believed only where the answers that they were read by are still the same. So nothing is ever stale.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from floodmark.adapters.cloudsql.asking import Asking, Cursor
from floodmark.errors import FatalError, SourceUnavailable

log = logging.getLogger(__name__)
Text = str
"""``[first, [statements]]`` as JSON: what an answer is kept under."""


class KeptCatalog:
    """Stands for the connection where a table is described. ``read`` and ``write`` are of its document, as text.

    Where executeSql answers, nothing is kept: a question costs nothing.
    """

    flat = Asking.flat

    def __init__(self, asking: Asking, read: Callable[[], str], write: Callable[[str], None]) -> None:
        self._asking, self._read, self._write = asking, read, write
        self._digest, self._version, self._saved = "", 0, ""
        self._answers: dict[Text, Any] = {}
        self._used: dict[Text, Any] = {}
        self._mixed = False

    @property
    def server_version(self) -> int:
        """As libpq tells it."""
        return self._version or self._asking.server_version

    def cursor(self) -> Cursor:
        """One that runs a SELECT and keeps its rows."""
        return Cursor(self)

    def ask(
        self, statements: Sequence[str], *, first: str = "", doing: str = "reading the source's catalog"
    ) -> list[list[tuple[Any, ...]]]:
        """As :meth:`Asking.ask`."""
        if not self._asking.by_exports:
            return self._asking.ask(statements, first=first, doing=doing)
        self._refresh(doing)
        text = json.dumps([first, list(statements)])
        if text not in self._answers:
            found = self._asking.answers(statements, first=first, doing=doing)
            self._of(found.catalog, found.version)
            self._answers[text] = _plain(found.rows)
        self._used[text] = self._answers[text]
        return [[tuple(row) for row in rows] for rows in self._answers[text]]

    def holds(self, digest: str, doing: str) -> bool:
        """Whether all that was asked is still so under ``digest``, which the rows' own export told. Then it is kept."""
        if digest == self._digest and not self._mixed:
            self._keep()
            return True
        before = dict(self._used)
        self._answers = dict(before)
        self._ask_again(doing)
        still = self._answers == before
        self._used = dict(self._answers)
        self._keep()
        return still

    def _refresh(self, doing: str) -> None:
        """Have answers that are of the catalog which the last export saw."""
        if not self._answers and not self._saved:
            self._load()
        if self._answers and self._asking.catalog != self._digest:
            try:
                self._ask_again(doing)
            except (SourceUnavailable, FatalError) as error:  # what it names may be gone: it is asked as it is now
                log.info("%s: what was kept is forgotten: %s", doing, error)
                self._forget()

    def _ask_again(self, doing: str) -> None:
        """All of it in one export, in its order, so that what locks a table comes with what asks of its locks."""
        asked = {text: json.loads(text) for text in self._answers}
        firsts = sorted({first for first, _ in asked.values() if first})
        together = [text for text, (first, _) in asked.items() if first in ("", *firsts[:1])]
        statements = [one for text in together for one in asked[text][1]]
        found = self._asking.answers(statements, first=firsts[0] if firsts else "", doing=doing)
        rows = iter(_plain(found.rows))
        self._of(found.catalog, found.version)
        self._answers = {text: [next(rows) for _ in asked[text][1]] for text in together}

    def _of(self, digest: str, version: int) -> None:
        if self._digest and digest != self._digest:
            self._forget()
        self._digest, self._version = digest, version

    def _forget(self) -> None:
        self._mixed, self._answers = bool(self._used), {}

    def _keep(self) -> None:
        """What was used; what a former configuration asked is let go."""
        self._answers, self._used, self._mixed = self._used, {}, False
        text = json.dumps({"digest": self._digest, "version": self._version, "answers": self._answers})
        if text != self._saved:
            self._write(text)
            self._saved = text

    def _load(self) -> None:
        try:
            kept = json.loads(self._read() or "{}")
        except ValueError:
            kept = {}
        if kept:
            self._digest, self._version, self._answers = kept["digest"], kept["version"], kept["answers"]
            self._saved = json.dumps(kept)


def _plain(rows: Any) -> Any:
    """As JSON gives it back."""
    return json.loads(json.dumps(rows))
