"""The whole table, and by the catalog's name how each type travels whose digits don't decide it."""

from __future__ import annotations

from floodmark.adapters.mysql.matrix import numbers, texts, times
from floodmark.adapters.mysql.matrix.row import Row
from floodmark.core.carriage import Carriage

CHAPTERS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("Numbers", numbers.ROWS),
    ("Texts, bytes and documents", texts.ROWS),
    ("Days, moments and times", times.ROWS),
)
ROWS: tuple[Row, ...] = tuple(row for _, rows in CHAPTERS for row in rows)
BUILT_IN: dict[str, Carriage] = {row.name: row.carriage for row in ROWS if not row.digits}
"""Several rows of one name have one carriage, but for those that their digits tell apart."""
