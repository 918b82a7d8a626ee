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
    def name(self) -> str:
        """Without its dataset."""
        return self.target.rpartition(".")[2]

    def is_of(self, source: str) -> bool:
        """Whether it was this source's, as far as is known."""
        return self.source in ("", source)


def left_behind(config: SourceConfig, ledger: Ledger, filled: Collection[str]) -> list[LeftBehind]:
    """Those in the source's dataset that are not ``filled``, whoever filled them; in order. Nothing is written."""
    place = config.bigquery.home
    found = sorted(one for one in ledger.targets() if one not in filled and one.rpartition(".")[0] == place)
    return [_of(head) for head in ledger.heads(found)] if found else []


def _of(head: Head) -> LeftBehind:
    last = head.last
    if last is None:
        return LeftBehind(target=head.target)
    if isinstance(last.portion, Built):
        source = last.portion.summary.source
        return LeftBehind(target=head.target, source=source, is_summary=True, last_read_at=last.read_at)
    source = last.fingerprint.table.partition(".")[0] if last.fingerprint else ""
    return LeftBehind(target=head.target, source=source, last_read_at=last.read_at)
