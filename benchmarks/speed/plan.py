"""What is measured: whom, on which tables, how often."""

from __future__ import annotations

from dataclasses import dataclass

from contestants import Contestant
from shapes import SHAPES, Shape

FIRST = next(iter(SHAPES))
"""The ten columns, on which slow ones too have all their tries."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``rows`` are those of the ten columns. ``mysql_rows`` zero: MariaDB is left out. ``limit`` in seconds, a read."""

    contestants: tuple[Contestant, ...]
    shapes: tuple[Shape, ...]
    rows: tuple[int, ...]
    tries: int
    slow_share: float
    slow_tries: int
    memory: tuple[int, ...]
    mysql_rows: int
    limit: float

    def sizes(self, shape: Shape, rows: int) -> dict[str, int]:
        """How many rows a shape's table has, and that of the slow ones: the same first ones."""
        whole = shape.rows(rows)
        return {"all": whole, "slow": max(min(whole, 100), round(whole * self.slow_share))}

    def tries_of(self, contestant: Contestant, shape: Shape) -> int:
        """In how many rounds it takes part."""
        return self.slow_tries if contestant.is_slow and shape.name != FIRST else self.tries
