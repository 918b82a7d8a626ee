"""How a row becomes one text in the SELECT, a line of CSV that Arrow's reader takes apart again (M27).

NULL is an empty cell without quotes. A text that is longer than ``max_allowed_packet`` makes CONCAT NULL with nothing
but a warning, so no cell is ever wrapped in IFNULL: the whole row is NULL then, which the reader refuses (M24).
"""

from __future__ import annotations

from collections.abc import Sequence

from floodmark.core.carriage import Carriage

QUOTED = frozenset({"string", "binary"})
"""Arrow types whose cells stand in quotes; bytes as hex digits."""
EMPTY = "''"
QUOTE = "\1"
"""A character that no text has but by chance. MariaDB's REPLACE moves the rest of a text at each place that it finds:
*measured*, a text of 8 million of the usual quotes took longer than five minutes, and JSON is full of these."""
ROW_END = "\3"
"""What each row's text ends with, after its newline: by it rows are told apart, and texts have it but by chance."""
_QUOTE, _TWICE = "_utf8mb4 x'01'", "_utf8mb4 x'0101'"
_END = "_utf8mb4 x'0a03'"


def cell(carriage: Carriage, column: str) -> str:
    """One cell. ``column`` is the column in SQL, quoted already."""
    value = carriage.select(column)
    if carriage.arrow in QUOTED:
        return f"IF({value} IS NULL, '', CONCAT({_QUOTE}, REPLACE({value}, {_QUOTE}, {_TWICE}), {_QUOTE}))"
    return f"IF({value} IS NULL, '', {value})"


def line(cells: Sequence[str]) -> str:
    """All cells of a row as one text, with its newline and ROW_END."""
    return "CONCAT(" + ", ',', ".join(cells) + f", {_END})"
