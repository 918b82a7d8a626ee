"""The pages of several sources as a list of links, and a page that says one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from floodmark.pipeline.page.kept import KeptPage
from floodmark.pipeline.page.render import written

SCRIPTS = ("theme.js",)
DIM = "in BigQuery, hour by hour"
NONE = (
    "There is no page that you may see. A source's page is written by the last task of its DAG, report; you see "
    "those of the DAGs whose runs you may read."
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A source's newest page, and the link to it, relative to the list."""

    kept: KeptPage
    link: str
    now: datetime

    @property
    def age(self) -> timedelta:
        """Of what it says."""
        return max(self.now - self.kept.now, timedelta(0))

    @property
    def old(self) -> bool:
        """Whether a newer one should be there."""
        return self.age > self.kept.old_after


def index(entries: Iterable[Entry], unread: Sequence[str] = ()) -> str:
    """The worst first, then by name; of the DAGs ``unread`` pages are kept that can't be read."""
    listed = sorted(entries, key=lambda one: (one.kept.word.rank if one.kept.word else 99, one.kept.source))
    said = f"The pages of these DAGs are none that this version reads: {', '.join(unread)}." if unread else ""
    sentence = said or ("" if listed else NONE)
    return written("index.html", SCRIPTS, title="Sources", dim=DIM, entries=listed, sentence=sentence)


def says(title: str, sentence: str) -> str:
    """A page with a sentence."""
    return written("index.html", SCRIPTS, title=title, dim="", entries=(), sentence=sentence)
