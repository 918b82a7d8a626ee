"""What SHOW ENGINE INNODB STATUS says of open transactions: the way round a list that is stale (M7). Pure.

It is not cached, but its text holds 1 MB at most: then the server leaves out some of the list and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from floodmark.adapters.mysql.witnesses import Transaction

_HEADING = re.compile(r"^LIST OF TRANSACTIONS FOR EACH SESSION:$", re.MULTILINE)
_END = "\n--------\nFILE I/O\n--------\n"
_ENTRY = re.compile(r"^---TRANSACTION (\S+), (.*(?:\n(?!---TRANSACTION ).*)*)", re.MULTILINE)
_ACTIVE = re.compile(r"^ACTIVE (?:\([A-Z ]+\) )?(\d+) sec\b")
_SESSION = re.compile(r"\bthread id (\d+), OS thread handle\b")
_CHANGED = re.compile(r"\bundo log entries (\d+)\b")
_EVER = timedelta(days=365)
_LOG = re.compile(r"^Log sequence number +(\d+)$\n(?:^.*$\n)*?^Log flushed up to +(\d+)$", re.MULTILINE)
_CUT = "... truncated..."


@dataclass(frozen=True, kw_only=True)
class EngineStatus:
    """``sessions`` are those that have a transaction, changed or not; ``whole``: nothing was left out."""

    whole: bool
    sessions: frozenset[int]
    changed: tuple[Transaction, ...]


def parse(text: str, clock: datetime) -> EngineStatus:
    """``clock`` (UTC) was read before it, so that no transaction is put too late."""
    heading = _HEADING.search(text)
    rest, end, _ = text[heading.end() :].rpartition(_END) if heading else ("", "", "")
    entries = list(_entries(rest))
    return EngineStatus(
        whole=bool(end) and _CUT not in text,
        sessions=frozenset(session for _, session, _, _ in entries if session),
        changed=tuple(
            Transaction(id=name, session=session, started=clock.replace(microsecond=0) - age)
            for name, session, age, changed in entries
            if changed
        ),
    )


def _entries(text: str) -> Iterator[tuple[str, int, timedelta, bool]]:
    """Id, session (0: none), age and whether rows are changed, of each that is active; others hold nothing."""
    for name, words in _ENTRY.findall(text):
        if words.startswith("not started"):
            continue
        active, session = _ACTIVE.match(words), _SESSION.search(words)
        # In another state (committed in memory ...) it has no age: it counts from the oldest moment there is.
        age = timedelta(seconds=int(active.group(1))) if active else _EVER
        own = words[: session.start()] if session else words  # after that comes its statement, which may say anything
        yield name, int(session.group(1)) if session else 0, age, bool(_CHANGED.search(own))


def log(text: str) -> tuple[str, str]:
    """Where the log ends, and how far it is on disk, in bytes; both empty where it doesn't say so."""
    found = _LOG.findall(text)
    return found[-1] if found else ("", "")
