"""A page as a small document that travels through Airflow, and back: what it shows, and nothing else.

Who reads it trusts nothing of it: values have the types of a page, all text is escaped when it is drawn, and what
unpacks to too much is refused.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from floodmark.core.time.interval import utc
from floodmark.pipeline.page.page import Page
from floodmark.pipeline.page.verdicts import Word
from floodmark.pipeline.reports.status import TableStatus

LAYOUT = 1
"""Of the document. Fields that come later have a default, so that pages of before stay readable."""
BOUND = 256 * 1024
"""Characters of a packed page: above that it leaves out the evidence, and if that doesn't help, the page."""
UNPACKED = 64 * 1024 * 1024
"""Bytes: no page comes to so much."""
_SHOWN = (
    "table", "target", "lag", "rows", "late", "quarantined", "last_read_at", "first_load", "unbalanced", "balanced_at",
)  # fmt: skip
"""What the page's template asks of a table's status."""


class UnreadablePage(ValueError):
    """It was kept by a Floodmark whose pages this one can't read, or by somebody else."""


@dataclass(frozen=True, kw_only=True)
class KeptPage:
    """What one run said of a source: its head as plain values, and the page, packed.

    ``word`` is the worst verdict. ``page`` is empty where it was too large; ``without`` says what was left out. ``uri``
    is where all of it lies in the bucket.
    """

    source: str
    now: datetime
    old_after: timedelta
    word: Word | None
    tables: int
    need_somebody: int
    trusted: datetime | None
    uri: str
    without: str = ""
    page: str = ""
    layout: int = LAYOUT

    def document(self) -> dict[str, Any]:
        """As plain values, for XCom."""
        plain: dict[str, Any] = _heads().dump_python(self, mode="json")
        return plain

    def shown(self) -> Page:
        """The page. Raises ``UnreadablePage``."""
        try:
            return _pages().validate_python(json.loads(_inflated(self.page)))
        except (ValueError, RecursionError) as error:
            raise UnreadablePage(f"the page of {self.source} can't be read: {type(error).__name__}") from None


def keep(page: Page, uri: str, *, bound: int = BOUND) -> KeptPage:
    """What is kept of a page that lies at ``uri``."""
    without, packed = next((words, text) for words, text in _ever_less(page) if len(text) <= bound)
    return KeptPage(
        source=page.source,
        now=page.now,
        old_after=page.old_after,
        word=min(_words(page), key=lambda word: word.rank, default=None),
        tables=len(page.rows),
        need_somebody=page.ill,
        trusted=page.trusted,
        uri=uri,
        without=without,
        page=packed,
    )


def read(document: Any) -> KeptPage:
    """What :meth:`KeptPage.document` gave. Raises ``UnreadablePage``."""
    layout = document.get("layout") if isinstance(document, Mapping) else None
    if layout != LAYOUT:
        raise UnreadablePage(f"what is kept is no page of layout {LAYOUT}")
    try:
        kept = _heads().validate_python(document)
        for moment in filter(None, (kept.now, kept.trusted)):
            utc(moment)  # it has a zone, and is a moment in UTC, too
        return kept
    except (ValueError, OverflowError) as error:
        raise UnreadablePage(f"what is kept is no page: {type(error).__name__}") from None


def _words(page: Page) -> list[Word]:
    return [*(row.verdict.word for row in page.rows), *(need.word for need in page.needs)]


def _ever_less(page: Page) -> Iterator[tuple[str, str]]:
    yield "", _packed(page)
    yield "the reads of each table", _packed(replace(page, rows=tuple(replace(row, reads=()) for row in page.rows)))
    yield "the page", ""


def _packed(page: Page) -> str:
    rows = tuple(replace(row, status=_only_shown(row.status)) for row in page.rows)
    summaries = tuple(replace(summary, inputs=(), holder="", under_way="") for summary in page.summaries)
    plain = _pages().dump_python(replace(page, rows=rows, summaries=summaries), mode="json", exclude_defaults=True)
    text = json.dumps(plain, ensure_ascii=True, separators=(",", ":"))
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode()


def _only_shown(status: TableStatus) -> TableStatus:
    return TableStatus(**{name: getattr(status, name) for name in _SHOWN})


def _inflated(packed: str) -> bytes:
    """Raises ``ValueError``."""
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(base64.b85decode(packed), UNPACKED)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not reader.eof:
        raise ValueError("it is cut off, or unpacks to too much")
    return text


@cache
def _pages() -> TypeAdapter[Page]:
    return TypeAdapter(Page)


@cache
def _heads() -> TypeAdapter[KeptPage]:
    return TypeAdapter(KeptPage)
