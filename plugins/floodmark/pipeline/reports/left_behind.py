"""Targets that the ledger knows and no file fills any more: they stand as they were, and grow old."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.head import Head
from floodmark.core.ports import Ledger


@dataclass(frozen=True, kw_only=True)
class LeftBehind:
    """One of them. ``source`` is the one that filled it; empty where nothing says. ``last_read_at`` is UTC."""

    target: str
    source: str = ""
    is_summary: bool = False
    last_read_at: datetime | None = None

    @property
    def dataset(self) -> str:
        """``project.dataset``."""
        return self.target.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Without its dataset."""
        return self.target.rpartition(".")[2]

    def is_of(self, source: str) -> bool:
        """Whether it was this source's, as far as is known."""
        return self.source in ("", source)


def left_behind(
    config: SourceConfig,
    ledger: Ledger,
    filled: Collection[str],
    *,
    others: Collection[str] | None = None,
    most: int | None = None,
) -> list[LeftBehind]:
    """Those in the source's dataset that are not ``filled``, whoever filled them; in order. Nothing is written.

    None of which no read ever began: nothing stands there, and nobody knows whose it was to be.

    With ``others``, the datasets of other sources, also those that the source filled anywhere else, as its dataset was
    another then. With ``most``, none where more targets would have to be asked: a ledger in a bucket reads each of them
    by itself.
    """
    place, found = config.bigquery.home, []
    for target in sorted(set(ledger.targets()) - set(filled)):
        dataset = target.rpartition(".")[0]
        if dataset == place or (others is not None and dataset not in others):
            found.append(target)
    if most is not None and len(found) > most:
        return []
    known = [_of(head) for head in ledger.heads(found) if head.last or head.open] if found else []
    return [one for one in known if one.dataset == place or one.source == config.source]


def _of(head: Head) -> LeftBehind:
    read, at = head.last or head.open, head.last.read_at if head.last else None
    if read is None:
        return LeftBehind(target=head.target)
    if isinstance(read.portion, Built):
        return LeftBehind(target=head.target, source=read.portion.summary.source, is_summary=True, last_read_at=at)
    source = read.fingerprint.table.partition(".")[0] if read.fingerprint else ""
    return LeftBehind(target=head.target, source=source, last_read_at=at)
