"""A summary table, built by a query in BigQuery: what of it a build takes, and from what state of its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from floodmark.core.config.summary import Summary
from floodmark.core.ledger.portion import Kind, Portion
from floodmark.core.time.interval import Interval


@dataclass(frozen=True, kw_only=True)
class Input:
    """A table that a summary reads, as it stood before the build began. Moments are UTC.

    ``read_at`` is its newest applied read, ``forgotten_at`` when keys were last forgotten in it; None: never.
    ``sealed_up_to`` is T of the promise; None where nothing of it is sealed, or it has no cursor.
    """

    target: str
    read_at: datetime | None = None
    sealed_up_to: datetime | None = None
    forgotten_at: datetime | None = None

    def is_as(self, before: Input) -> bool:
        """Whether nothing was applied to it since."""
        return (self.target, self.read_at, self.forgotten_at) == (before.target, before.read_at, before.forgotten_at)


@dataclass(frozen=True, kw_only=True)
class Built(Portion):
    """One build of a ``summary``: all of it, or the partitions of a ``window`` (UTC).

    ``aside`` is the table, ``project.dataset.table``, in which it is built and checked. ``inputs`` are what it reads.
    ``remade``: a person had the table dropped before it is made again.
    """

    kind: Literal[Kind.SUMMARY] = Kind.SUMMARY
    summary: Summary
    aside: str
    inputs: tuple[Input, ...] = ()
    window: Interval | None = None
    remade: bool = False

    @property
    def covers(self) -> bool:
        """Never: it has no slices."""
        return False
