"""One way to break one rule: a piece of text, what to put in its place, and the test that must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class Unfit(Exception):
    """The text isn't there exactly once, so the mutant says nothing about the program as it is."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """``breaks`` says in words what is wrong with it. ``file`` is relative to the checkout, ``test`` is pytest's id."""

    rule: str
    breaks: str
    file: str
    old: str
    new: str
    test: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.rule} {self.breaks}"

    def broken(self, root: Path) -> str:
        """The file's text with the rule broken. Raises ``Unfit``."""
        text = (root / self.file).read_text(encoding="utf-8")
        if (found := text.count(self.old)) != 1:
            raise Unfit(f"{self}: its text stands {found} times in {self.file}, not once: {self.old!r}")
        return text.replace(self.old, self.new)
