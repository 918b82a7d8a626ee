"""One word for each table, why, and the command that helps; and the same of all tables together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from floodmark.core.command_line import command_line
from floodmark.core.ledger.watermark import OpenTransaction
from floodmark.core.time.units import DAY
from floodmark.pipeline.reports.status import TableStatus

RECENT = 7 * DAY
"""Late rows of before are only told."""
NAMED = 8
"""So many tables are named of those that need the same."""


class Word(StrEnum):
    """Where a table stands, the worst first. Its value is its class in the page's style sheet, too."""

    BLOCKED = "blocked"
    UNBALANCED = "unbalanced"
    GAP = "gap"
    STALE = "stale"
    LATE = "late"
    NEW = "new"
    HELD = "held"
    ASSUMED = "assumed"
    SEALED = "sealed"
    WHOLE = "whole"

    @property
    def rank(self) -> int:
        """Its place among them."""
        return list(Word).index(self)

    @property
    def says_all(self) -> bool:
        """Whether nothing else needs to be said of one of many tables."""
        return self in (Word.SEALED, Word.WHOLE)

    @property
    def needs_somebody(self) -> bool:
        """Whether a person has to look."""
        return self in (Word.BLOCKED, Word.UNBALANCED, Word.GAP, Word.STALE, Word.LATE)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """``why`` is the same for tables of the same cause; ``command`` helps, where it isn't in ``why``."""

    word: Word
    why: str = ""
    command: str = ""


@dataclass(frozen=True, kw_only=True)
class Need:
    """A cause, the tables that it is the cause of, by their names, and the commands that help some of them."""

    word: Word
    why: str
    tables: tuple[str, ...]
    commands: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """Those that are named."""
        return self.tables[:NAMED]

    @property
    def more(self) -> int:
        """How many are not."""
        return len(self.tables) - len(self.named)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A transaction, and the tables whose seals it holds back. ``query`` shows it, at the source; empty: none does."""

    transaction: OpenTransaction
    tables: tuple[str, ...]
    query: str


def verdict(source: str, table: TableStatus, now: datetime) -> Verdict:
    """Of one table. ``source`` is how a command line names its source."""
    name = table.table
    if table.error:
        unblock = command_line("unblock", source, name)
        return Verdict(word=Word.BLOCKED, why=table.error, command=unblock)
    if table.unbalanced:
        return Verdict(word=Word.UNBALANCED, why="; ".join(table.balance))
    fill = command_line("run --gaps", source)
    if table.gaps:
        return Verdict(word=Word.GAP, why="hours that were never read, before later ones that were", command=fill)
    if table.stale:
        return Verdict(word=Word.STALE, why=_stale(table), command=fill if table.behind else "")
    if table.late and table.late_at is not None and now - table.late_at <= RECENT:
        why = "rows turned up in slices that were sealed"
        return Verdict(word=Word.LATE, why=why, command=command_line("ledger reads", source, name))
    return Verdict(word=_quiet(table))


def _stale(table: TableStatus) -> str:
    if table.last_read_at is None:
        return "never read, though it has a freshness"
    if table.first_load:
        return "older than its freshness: it is being read in parts, and holds nothing before the last"
    if table.held_by and not table.behind:
        return "older than its freshness: what holds its seal back is below"
    return "older than its freshness: no run has read what is due"


def _quiet(table: TableStatus) -> Word:
    if table.last_read_at is None or table.first_load:
        return Word.NEW
    if table.provisional:
        return Word.HELD
    if table.sealed_up_to is None:
        return Word.WHOLE
    return Word.ASSUMED if table.assumed else Word.SEALED


def moment(table: TableStatus) -> datetime | None:
    """Up to when its numbers can be trusted: its seal, or, of a table that is read whole, when that was.

    None while the parts of a first load or a reload come: nothing holds before the last of them.
    """
    if table.sealed_up_to is not None or table.provisional or table.gaps or table.first_load:
        return table.sealed_up_to
    return table.last_read_at


def needs(verdicts: Mapping[str, Verdict]) -> tuple[Need, ...]:
    """What needs somebody, by cause, the worst first; tables in the file's order."""
    causes: dict[tuple[Word, str], list[str]] = {}
    for name, one in verdicts.items():
        if one.word.needs_somebody:
            causes.setdefault((one.word, one.why), []).append(name)
    found = [
        Need(word=word, why=why, tables=tuple(names), commands=_commands(verdicts[name] for name in names))
        for (word, why), names in causes.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.word.rank, -len(one.tables))))


def _commands(several: Iterable[Verdict]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.command for one in several if one.command))[:NAMED]


def holders(tables: Iterable[TableStatus], *, postgres: bool) -> tuple[Holder, ...]:
    """Who holds seals back, each transaction once, the oldest first."""
    transactions: dict[object, OpenTransaction] = {}
    held: dict[object, list[str]] = {}
    for table in tables:
        for one in table.held_by:
            transactions[one.identity] = one
            held.setdefault(one.identity, []).append(table.table)
    found = [
        Holder(transaction=one, tables=tuple(held[identity]), query=_query(one) if postgres else "")
        for identity, one in transactions.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.transaction.since is None, str(one.transaction.since))))


def _query(transaction: OpenTransaction) -> str:
    if transaction.prepared:
        return "SELECT * FROM pg_prepared_xacts WHERE gid = '{}'".format(transaction.prepared.replace("'", "''"))
    return f"SELECT * FROM pg_stat_activity WHERE pid = {transaction.pid}"
