"""Two tables, row by row: what the target lacks, what it has in another version, what it has more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MILLION = 1_000_000

Row = tuple[int, int]
"""A row's key and its version, which no two writes share."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How a target differs from its source. ``extra`` are keys that the source hasn't got."""

    lost: int = 0
    stale: int = 0
    doubled: int = 0
    extra: int = 0

    @property
    def none(self) -> bool:
        """Whether the target is exactly the source."""
        return not (self.lost or self.stale or self.doubled or self.extra)


def compare(source: Mapping[int, int], target: Iterable[Row]) -> Difference:
    """The difference between a source (version by key) and the rows of a target.

    A key that stands there twice is doubled once, and stale unless one of its rows is of the source's version.
    """
    found: dict[int, list[int]] = {}
    for key, version in target:
        found.setdefault(key, []).append(version)
    return Difference(
        lost=len(source.keys() - found.keys()),
        stale=sum(version not in found[key] for key, version in source.items() if key in found),
        doubled=sum(len(versions) > 1 for versions in found.values()),
        extra=len(found.keys() - source.keys()),
    )


def per_million(count: int, rows: int) -> float:
    """``count`` for each million of ``rows`` written."""
    return count / rows * MILLION if rows else 0.0


class Reads:
    """What one contestant has read: every row that the source returned, and which versions came more than once."""

    def __init__(self) -> None:
        self._versions: Counter[int] = Counter()

    def add(self, versions: Iterable[int]) -> None:
        """Rows of one query, by their versions."""
        self._versions.update(versions)

    @property
    def rows(self) -> int:
        """Rows returned."""
        return self._versions.total()

    @property
    def again(self) -> int:
        """Rows returned that had been returned before, in that very version."""
        return self.rows - len(self._versions)
