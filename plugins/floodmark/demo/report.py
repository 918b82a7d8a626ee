"""What the demo prints: a line for each thing that happens, then one row per table."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from floodmark.demo.compare import Comparison


@dataclass(frozen=True, kw_only=True)
class Line:
    """One table of the report. ``sealed_up_to`` is None for a table that is read whole, as of ``as_of``; UTC."""

    comparison: Comparison
    slices: int
    sealed_up_to: datetime | None
    as_of: datetime | None
    late_commits: int | None

    @property
    def holds(self) -> bool:
        """Whether the table is what the promise says; an empty one shows nothing."""
        return self.comparison.equal and self.comparison.source_rows > 0

    def document(self) -> dict[str, Any]:
        """As plain values."""
        comparison = self.comparison
        return {
            "table": comparison.name,
            "source_rows": comparison.source_rows,
            "current_rows": comparison.current_rows,
            "left_out": comparison.left_out,
            "held_out": comparison.held_out,
            "slices": self.slices,
            "sealed_up_to": self.sealed_up_to.isoformat() if self.sealed_up_to else None,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "late_commits_caught": self.late_commits,
            "equal": comparison.equal,
            "balances": comparison.balances,
            "missing": comparison.missing,
            "extra": comparison.extra,
            "different": comparison.different,
            "doubled": comparison.doubled,
            "examples": list(comparison.examples),
        }


class Screen:
    """Progress with the seconds since the start; on stderr where stdout is kept for one JSON document."""

    def __init__(self, *, as_json: bool) -> None:
        self._console = Console(stderr=as_json, highlight=False)
        if not self._console.is_terminal:
            self._console.width = 120
        self._began = time.monotonic()
        self._as_json = as_json

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """Something has happened, or begins."""
        self._console.print(f"[dim]{self.elapsed:4.0f} s[/dim]  {text}", soft_wrap=True)

    def show(self, lines: Sequence[Line], summary: Sequence[str], document: dict[str, Any]) -> None:
        """The result: a table and some words for people, or one JSON document."""
        if self._as_json:
            print(json.dumps({**document, "tables": [line.document() for line in lines]}, indent=2, ensure_ascii=False))
            sys.stdout.flush()
            return
        self._console.print()
        self._console.print(_table(lines))
        for line in lines:
            for example in line.comparison.examples:
                self._console.print(f"{line.comparison.name}: {example}", style="red", markup=False)
        for text in summary:
            self._console.print(text, soft_wrap=True)


def _table(lines: Sequence[Line]) -> Table:
    drawn = Table(header_style="bold")
    drawn.add_column("table", no_wrap=True)
    for heading in ("source\nrows", "current\nrows", "slices"):
        drawn.add_column(heading, justify="right", no_wrap=True)
    drawn.add_column("sealed up\nto (UTC)", no_wrap=True)
    drawn.add_column("late commits\ncaught", justify="right", no_wrap=True)
    drawn.add_column("equal", min_width=5)
    drawn.add_column("source = current\n+ held out", justify="right", no_wrap=True)
    for line in lines:
        comparison = line.comparison
        drawn.add_row(
            comparison.name,
            f"{comparison.source_rows + comparison.held_out:,}",
            f"{comparison.current_rows:,}",
            str(line.slices),
            _moment(line),
            "" if line.late_commits is None else str(line.late_commits),
            "[green]yes[/green]" if line.holds else f"[bold red]no[/bold red]: {_why(comparison)}",
            _balance(comparison),
        )
    return drawn


def _balance(found: Comparison) -> str:
    """Both ends' numbers, as an equation that holds or doesn't."""
    sign = "=" if found.balances else "[bold red]≠[/bold red]"
    return f"{found.source_rows + found.held_out:,} {sign} {found.current_rows:,} + {found.held_out:,}"


def _moment(line: Line) -> str:
    if line.sealed_up_to is not None:
        return f"{line.sealed_up_to.astimezone(UTC):%H:%M:%S}"
    return f"as of {line.as_of.astimezone(UTC):%H:%M:%S}" if line.as_of else "never read"


def _why(found: Comparison) -> str:
    counts = {name: getattr(found, name) for name in ("missing", "extra", "different", "doubled")}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "no rows to compare"
