"""What the suite bills, told by every job that Google's client in this process hears of, and where it stops."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from floodmark.core.bigquery.price import price
from tests.cloud.finding import NotAskable

MOST_BYTES = 100 << 30
"""Bytes billed in all after which nothing more is asked: 61 cents at list price."""
MOST_SECONDS = 540.0
"""After which nothing more is begun: what is under way ends within the ten minutes."""
MOST_PER_QUERY = 1 << 30


@dataclass
class Bill:
    """Bytes billed by job, and when the suite began (``time.monotonic()``)."""

    began: float = field(default_factory=time.monotonic)
    most: int = MOST_BYTES
    seconds: float = MOST_SECONDS
    stopped: bool = False
    jobs: dict[str, int] = field(default_factory=dict)

    @property
    def billed(self) -> int:
        """Bytes billed until now."""
        return sum(list(self.jobs.values()))

    @property
    def price(self) -> float:
        """What they cost in US dollars at list price."""
        return price(self.billed)

    @property
    def took(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.began

    def allow(self) -> None:
        """Before anything more is begun. Raises ``NotAskable`` where a limit is reached, or a person stopped it."""
        if self.stopped:
            raise NotAskable("left out: stopped before it")
        if self.billed >= self.most:
            raise NotAskable(f"left out: {self.billed:,} bytes were billed before it, and at most {self.most:,} may be")
        if self.took >= self.seconds:
            raise NotAskable(f"left out: {self.took:.0f} s had passed before it, and at most {self.seconds:.0f} may")

    def note(self, answer: Any) -> None:
        """Take what an answer of BigQuery's says of a job."""
        if not isinstance(answer, dict) or answer.get("configuration", {}).get("dryRun"):
            return
        told = answer.get("statistics", {}).get("query", {}) if "configuration" in answer else {}
        if told:
            self.jobs[answer["jobReference"]["jobId"]] = int(told.get("totalBytesBilled") or 0)


@contextmanager
def watched(bill: Bill) -> Iterator[None]:
    """Every job that Google's client in this process is told of meanwhile goes on the bill."""
    from google.cloud.bigquery._http import Connection

    send = Connection.api_request

    def noted(self: Any, *arguments: Any, **named: Any) -> Any:
        answer = send(self, *arguments, **named)
        bill.note(answer)
        return answer

    Connection.api_request = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        Connection.api_request = send  # type: ignore[method-assign]
