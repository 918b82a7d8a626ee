"""One row of the table of MySQL's types. Its words are those of every source's table."""

from __future__ import annotations

from dataclasses import dataclass

from floodmark.adapters.source_types import Edge, Word, exact, told, unheld
from floodmark.core.carriage import Carriage

__all__ = ["Edge", "Row", "Word", "exact", "told", "unheld"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One type. ``type`` is how a column is declared, ``name`` the catalog's DATA_TYPE.

    ``digits``: what is in its parentheses, or behind them, decides how it travels. ``only`` names the product that
    alone has it: ``MariaDB``, ``MySQL``; empty: both. ``note`` is for people.
    """

    type: str
    name: str
    carriage: Carriage
    edges: tuple[Edge, ...]
    digits: bool = False
    only: str = ""
    note: str = ""
