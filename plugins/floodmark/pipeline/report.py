"""What each run leaves behind for people: the source's page and where its tables stand, in the bucket."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floodmark.core.config.source import SourceConfig
from floodmark.errors import FatalError
from floodmark.pipeline.page.page import Page, page
from floodmark.pipeline.page.render import html
from floodmark.pipeline.page.verdicts import Need, Word
from floodmark.pipeline.reports.document import document
from floodmark.pipeline.reports.status import TableStatus
from floodmark.pipeline.reports.summaries import SummaryStatus
from floodmark.pipeline.table_run import Ports

log = logging.getLogger(__name__)

FOLDER = "_status"
"""Beside the sources' own folders of the stage, so that no retention takes it."""
ALARMING = (Word.BLOCKED, Word.UNBALANCED, Word.STALE)


class TablesNeedSomebody(FatalError):
    """Tables are blocked, stale or unbalanced. What was read and loaded of the others stands."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """``uri`` is the page's in the bucket, ``document`` what lies beside it."""

    page: Page
    uri: str
    document: dict[str, Any]

    @property
    def tables(self) -> tuple[TableStatus, ...]:
        """Where they stand."""
        return tuple(row.status for row in self.page.rows)

    @property
    def alarm(self) -> str:
        """Why somebody is to be told; empty where there is no reason."""
        return "\n".join(_words(need) for need in self.page.needs if need.word in ALARMING)


def report(
    config: SourceConfig, ports: Ports, now: datetime, *, named: str = "", summaries: Sequence[SummaryStatus] = ()
) -> Report:
    """Write both anew, from the ledger alone. The last of two runs wins: each asks for every head afresh.

    ``named`` is how a command line names the source, where not by its name.
    """
    shown = page(config, ports.ledger, now, named=named, summaries=summaries)
    told = {
        "source": config.source,
        "ledger": shown.ledger,
        "as_of": shown.now,
        "trusted_up_to": shown.trusted,
        "need_somebody": shown.ill,
        "tables": [{"verdict": row.verdict.word.value, **document(row.status)} for row in shown.rows],
    }
    name = f"{FOLDER}/{config.source}"
    text = json.dumps(told, default=_plain, ensure_ascii=True, indent=1)
    ports.stage.publish(f"{name}.json", text.encode(), content_type="application/json")
    uri = ports.stage.publish(f"{name}.html", html(shown).encode(), content_type="text/html; charset=utf-8")
    log.info("%s: page written to %s", config.source, uri)
    return Report(page=shown, uri=uri, document=told)


def _words(need: Need) -> str:
    more = f" and {need.more} more" if need.more else ""
    helps = f"; {need.commands[0]}" if need.commands else ""
    return f"{need.word.value}: {', '.join(need.named)}{more}: {need.why}{helps}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)
