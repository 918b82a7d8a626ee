"""What a source says of itself, to whoever sets Floodmark up: check, init, plan, doctor. No row is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.schema import TableSchema


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Something about a server that should be otherwise: ``about`` says of what (``seal``, ``source``)."""

    about: str
    said: str
    remedy: str

    def __str__(self) -> str:
        """For people, in one line."""
        return f"{self.said}; {self.remedy}"


@dataclass(frozen=True, kw_only=True)
class Server:
    """A database server, as our role sees it.

    ``name`` is its product, version and role; ``place`` where the connection leads, without secrets. ``unproved`` says
    why no slice of it could be proved (R5, R8), ``advice`` what else hinders reads now.
    """

    name: str
    place: str
    unproved: tuple[Advice, ...] = ()
    advice: tuple[Advice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Spread:
    """From when to when a column's values reach (UTC), and how many there are; the source's guess."""

    low: datetime
    high: datetime
    values: int


@dataclass(frozen=True, kw_only=True)
class Activity:
    """What a server's statistics say of a table: its rows, and how many were ever changed or deleted; None: no guess.

    They begin anew when somebody resets them, and after a crash.
    """

    rows: int | None = None
    changes: int | None = None


class Inspection(Protocol):
    """Questions to one operational database, over one connection, which is made when it is first needed.

    All raise ``SourceUnavailable`` where it can't be reached.
    """

    def server(self) -> Server:
        """The server and our role on it."""

    def tables(self) -> Sequence[tuple[str, str]]:
        """``(schema, name)`` of every table that the role may read."""

    def unreadable(self) -> Sequence[tuple[str, str]] | None:
        """``(schema, name)`` of every table that is there and that it may not; None where the source hides those."""

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table, or what a SELECT of the user's own returns; as :class:`~floodmark.core.ports.Source` does it."""

    def indexed(self, schema: str, name: str) -> frozenset[str]:
        """Columns of a table by which a range of its rows can be found: those that lead an index."""

    def unseen(self, schema: str, name: str) -> Sequence[str]:
        """In words, by what a table's rows change though no cursor moves (R7)."""

    def spread(self, schema: str, name: str, column: str) -> Spread | None:
        """How a column of dates or moments spreads; None where the source has no guess."""

    def activity(self, schema: str, name: str) -> Activity:
        """How large a table is, and whether its rows ever change; the source's guess."""

    def estimate(self, query: str) -> int:
        """How many rows the source expects of a read's query."""

    def close(self) -> None:
        """Give the connection back."""
