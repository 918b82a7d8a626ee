"""One row of the table of types, and the words in which it says what becomes of a value."""

from __future__ import annotations

from dataclasses import dataclass

from floodmark.adapters.source_types import Edge, Word, encoded, exact, remote, told, unheld
from floodmark.core.carriage import Carriage

__all__ = ["Edge", "Row", "Word", "encoded", "exact", "remote", "told", "unheld"]


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
