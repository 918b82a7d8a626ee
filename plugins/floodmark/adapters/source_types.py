"""What every source's table of types says of one value, in the same words; and how its page writes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_LONGEST = 48


class Word(StrEnum):
    """What becomes of a value."""

    EXACT = "exact"
    """Current holds the same value."""
    ENCODED = "encoded"
    """Current holds it in another form, from which it can be had back."""
    QUARANTINED = "quarantined"
    """Its row is held out, by name and number."""
    REFUSED = "refused"
    """Somebody is told before anything is read."""
    TOLD = "told"
    """It arrives with a difference, which this table names."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """One value: ``written`` as an expression of PostgreSQL's, of the row's type.

    ``arrives`` is what current holds, as GoogleSQL's ``CAST(... AS STRING)`` writes it (bytes: in hex); None for NULL.
    ``landed`` is what raw holds, where that is written otherwise. ``unheld`` stands in ``_floodmark_unheld`` beside it.
    ``note`` is for people. ``since``: the first PostgreSQL that has the value. ``local``: the local BigQuery server
    holds it too, see :mod:`~floodmark.adapters.postgres.matrix.deviations`.
    """

    written: str
    word: Word = Word.EXACT
    arrives: str | None = None
    landed: str | None = None
    unheld: str = ""
    note: str = ""
    since: int = 12
    local: bool = True


def exact(written: str, arrives: str | None = None, *, landed: str | None = None, since: int = 12) -> Edge:
    """A value that arrives as it is; ``arrives`` is what is ``written``, without its quotes, where it isn't said."""
    return Edge(written=written, arrives=bare(written) if arrives is None else arrives, landed=landed, since=since)


def unheld(written: str, *, since: int = 12) -> Edge:
    """A value that the target can't hold: NULL, and its text beside it (R31)."""
    return Edge(written=written, word=Word.ENCODED, unheld=bare(written), since=since)


def encoded(written: str, arrives: str, note: str) -> Edge:
    """A value that arrives in another form."""
    return Edge(written=written, word=Word.ENCODED, arrives=arrives, note=note)


def told(written: str, arrives: str, note: str) -> Edge:
    """A value that arrives with a difference."""
    return Edge(written=written, word=Word.TOLD, arrives=arrives, note=note)


def remote(written: str, arrives: str, *, landed: str | None = None, since: int = 12) -> Edge:
    """A value that arrives as it is, but not in the local BigQuery server."""
    return Edge(written=written, arrives=arrives, landed=landed, since=since, local=False)


def bare(written: str) -> str:
    """A literal without its quotes."""
    quoted = written.startswith("'") and written.endswith("'")
    return written[1:-1].replace("''", "'") if quoted else written


def code(value: str, *, whole: bool = False) -> str:
    """A value as code in a cell of a table: control characters escaped, long ones shortened."""
    shown = "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in value)
    if len(shown) > _LONGEST and not whole:
        shown = f"{shown[: _LONGEST // 2]}…{shown[-_LONGEST // 4 :]}"
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown.replace('|', chr(92) + '|')}{fence}" if shown else "the empty text"
