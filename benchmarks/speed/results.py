"""What came of it, as plain values, and what is worked out of them: medians, ratios and their spread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from contestants import BASE

Document = dict[str, Any]
"""As ``report.json`` holds it: ``machine``, ``shapes``, ``contestants``, ``measures``, ``failures``, and more."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The median of some numbers, and the least and the largest of them."""

    middle: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, numbers: list[float]) -> Spread | None:
        """None of no numbers."""
        if not numbers:
            return None
        return cls(middle=median(numbers), low=min(numbers), high=max(numbers), count=len(numbers))


class Results:
    """A document, asked."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._by_key: dict[tuple[str, int, str], list[Document]] = {}
        for one in document["measures"]:
            self._by_key.setdefault((one["shape"], one["rows"], one["contestant"]), []).append(one)

    def measures(self, shape: str, rows: int, contestant: str) -> list[Document]:
        """Those of one contestant, in the order of its tries."""
        return self._by_key.get((shape, rows, contestant), [])

    def spread(self, shape: str, rows: int, contestant: str, value: str) -> Spread | None:
        """Of one value: seconds, cpu, server_cpu, start, peak, bytes, others."""
        return Spread.of([one[value] for one in self.measures(shape, rows, contestant)])

    def ratio(self, shape: str, rows: int, contestant: str) -> Spread | None:
        """A contestant's wall time to that of the COPY as text of the same rows in the same round."""
        base: dict[int, list[float]] = {}
        for one in self.measures(shape, rows, BASE):
            base.setdefault(one["round"], []).append(one["seconds"])
        own = self.measures(shape, rows, contestant)
        return Spread.of([one["seconds"] / median(base[one["round"]]) for one in own if one["round"] in base])

    def rows_of(self, shape: str, size: int, contestant: str) -> int:
        """How many rows a contestant got, where the shape has ``size``: a slow one gets fewer."""
        sizes = self.document["sizes"][shape][str(size)]
        return sizes["slow"] if self.document["contestants"][contestant]["is_slow"] else sizes["all"]

    def sizes(self, shape: str) -> list[int]:
        """The numbers of rows that were asked for, the largest first."""
        return sorted((int(size) for size in self.document["sizes"][shape]), reverse=True)

    def failure(self, shape: str, rows: int, contestant: str) -> str:
        """Why it has no number; empty where it has one, or wasn't asked."""
        for one in self.document["failures"]:
            if (one["shape"], one["rows"], one["contestant"]) == (shape, rows, contestant):
                return one["reason"]
        return ""

    def contestants(self, chosen: Callable[[Document], bool] = lambda _: True) -> Iterator[str]:
        """Names, in the report's order, of those that were asked and could be had."""
        for name, one in self.document["contestants"].items():
            if name not in self.document["missing"] and chosen(one):
                yield name
