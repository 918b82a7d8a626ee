"""Texts of anybody's, fit to be told: on one line, cut, without what can't be printed, and without a password."""

from __future__ import annotations

import json
import re

_PASSWORDS = re.compile(r"(:/{1,2})[^/@\s]*(?=@)|(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s'\"]+)", re.IGNORECASE)


def shortened(text: str, most: int) -> str:
    """A text of at most ``most`` characters: of a longer one its beginning, and how long it is."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def readable(text: str, most: int) -> str:
    """On one line, however long and odd the words in it are: what can't be printed is escaped, as in YAML's quotes.

    Nobody's password is told, wherever an address with one was written.
    """
    without = _PASSWORDS.sub(lambda found: f"{found[1] or found[2]}***", text)
    return "".join(map(_escaped, shortened(without, most)))


def printable(text: str) -> str:
    """The same lines, with what can't be printed in them escaped: a name may hold what a terminal obeys."""
    if text.isprintable():
        return text
    return "\n".join("".join(map(_escaped, line)) for line in text.split("\n"))


def one_line(text: str, most: int) -> str:
    """On one line of at most ``most`` characters, a longer one cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]
