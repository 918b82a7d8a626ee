"""One row of the table of types, and the words in which it says what becomes of a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from floodmark.core.carriage import Carriage


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


@dataclass(frozen=True, kw_only=True)
class Row:
    """One type. ``type`` is how a column is declared, ``name`` what the catalog calls its base type.

    ``carriage`` is how its values travel. ``made`` are statements that make the type, where it isn't built in.
    ``since`` is the first PostgreSQL that has it; ``note`` is for people. ``kind``, ``array``, ``in_parts`` and
    ``modifier`` are those of :class:`~floodmark.core.schema.Column`.
    """

    type: str
    name: str
    carriage: Carriage
    edges: tuple[Edge, ...]
    made: tuple[str, ...] = ()
    since: int = 12
    note: str = ""
    kind: str = "b"
    modifier: int = -1
    array: bool = False
    in_parts: str = ""


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
