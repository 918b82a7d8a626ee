"""What a command said, as a small document that travels through Airflow, and as a page.

Who reads it trusts nothing of it, as of a kept page: it has the types of one, and all text is escaped when it is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from floodmark.core.config.readable import printable
from floodmark.core.time.interval import utc
from floodmark.pipeline.page.index import SCRIPTS
from floodmark.pipeline.page.kept import UnreadablePage
from floodmark.pipeline.page.render import written

LAYOUT = 1
"""Of the document. Fields that come later have a default, so that outputs of before stay readable."""
BOUND = 1024 * 1024
"""Characters of the lines, and of the documents: above that the first lines, and the documents, are left out. The
documents of ``status`` are some 750 for a table that is well."""


@dataclass(frozen=True, kw_only=True)
class KeptOutput:
    """What one run of a source's commands said.

    ``commands`` are as one types them, ``exit_code`` is the worst of theirs, ``verdict`` what it means. ``lines`` were
    written for people; ``documents`` are what each command writes for scripts. ``ended_at`` is UTC. ``without`` says
    what was left out.
    """

    source: str
    commands: tuple[str, ...]
    exit_code: int
    verdict: str
    ended_at: datetime
    lines: tuple[str, ...]
    documents: tuple[Any, ...]
    without: str = ""
    layout: int = LAYOUT

    def document(self) -> dict[str, Any]:
        """As plain values, for XCom."""
        plain: dict[str, Any] = _outputs().dump_python(self, mode="json")
        return plain

    def html(self, run_id: str) -> str:
        """The page of the run that said it. Raises ``UnreadablePage`` for documents that can't be written."""
        try:
            documents = json.dumps(self.documents, ensure_ascii=False, indent=2) if self.documents else ""
        except (ValueError, RecursionError) as error:
            raise UnreadablePage(f"what {self.source} said can't be read: {type(error).__name__}") from None
        lines = "\n".join(self.lines)
        return written("output.html", SCRIPTS, kept=self, lines=lines, documents=documents, run_id=run_id)


def bounded(output: KeptOutput, *, bound: int = BOUND) -> KeptOutput:
    """What is kept of it: texts that any database takes, and no more than ``bound`` of either."""
    lines = tuple(map(printable, output.lines))
    documents = tuple(map(_printable, output.documents))
    kept, without = _last(lines, bound), []
    if first := len(lines) - len(kept):
        without.append(f"the first {first:,} of {len(lines):,} lines")
    if len(json.dumps(documents)) > bound:
        documents, without = (), [*without, "the documents"]
    return replace(output, lines=kept, documents=documents, without=" and ".join(without))


def read(document: Any) -> KeptOutput:
    """What :meth:`KeptOutput.document` gave. Raises ``UnreadablePage``."""
    layout = document.get("layout") if isinstance(document, Mapping) else None
    if layout != LAYOUT:
        raise UnreadablePage(f"what is kept is no output of layout {LAYOUT}")
    try:
        kept = _outputs().validate_python(document)
        utc(kept.ended_at)  # it has a zone, and is a moment in UTC, too
        return kept
    except (ValueError, OverflowError) as error:
        raise UnreadablePage(f"what is kept is no output: {type(error).__name__}") from None


def _last(lines: Sequence[str], bound: int) -> tuple[str, ...]:
    room, first = bound, len(lines)
    while first and room > len(lines[first - 1]):
        first -= 1
        room -= len(lines[first]) + 1
    return tuple(lines[first:])


def _printable(value: Any) -> Any:
    """A value of JSON whose texts hold no half character and no zero byte, which not every database takes."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {printable(name): _printable(one) for name, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value


@cache
def _outputs() -> TypeAdapter[KeptOutput]:
    return TypeAdapter(KeptOutput)
