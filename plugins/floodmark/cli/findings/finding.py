"""A finding, and how an examination whose question fails still ends in one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

from floodmark.errors import FloodmarkError

P = ParamSpec("P")

PATIENCE = 20.0
"""Seconds for an answer of Google's; nothing is asked again."""


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong; it costs something, or others must know it."""
    WARNING = "warning"
    """It may go wrong one day, or couldn't be asked."""
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was examined."""

    level: Level
    about: str
    said: str
    remedy: str = ""


def ok(about: str, said: str) -> Finding:
    """It is as it should be."""
    return Finding(level=Level.OK, about=about, said=said)


def note(about: str, said: str, remedy: str = "") -> Finding:
    """It is worth knowing."""
    return Finding(level=Level.NOTE, about=about, said=said, remedy=remedy)


def warning(about: str, said: str, remedy: str = "") -> Finding:
    """It may go wrong."""
    return Finding(level=Level.WARNING, about=about, said=said, remedy=remedy)


def failed(about: str, said: str, remedy: str) -> Finding:
    """A run can't go well with it."""
    return Finding(level=Level.FAILED, about=about, said=said, remedy=remedy)


def examination(about: str) -> Callable[[Callable[P, Iterator[Finding]]], Callable[P, list[Finding]]]:
    """Without an answer no run goes well: the error is a failure, and the examination's last finding."""
    return _ending(lambda error: failed(about, error, ""))


def question(about: str, what: str) -> Callable[[Callable[P, Iterator[Finding]]], Callable[P, list[Finding]]]:
    """A run may go well whatever the answer: where there is none, it is said that ``what`` couldn't be asked."""
    return _ending(lambda error: warning(about, f"{what} couldn't be asked: {error}"))


def _ending(
    last: Callable[[str], Finding],
) -> Callable[[Callable[P, Iterator[Finding]]], Callable[P, list[Finding]]]:
    def decorate(examine: Callable[P, Iterator[Finding]]) -> Callable[P, list[Finding]]:
        @wraps(examine)
        def examined(*args: P.args, **kwargs: P.kwargs) -> list[Finding]:
            found: list[Finding] = []
            try:
                found.extend(examine(*args, **kwargs))
            except Exception as error:  # a service's own too: whatever it is, it is the finding
                found.append(last(said(error)))
            return found

        return examined

    return decorate


def said(error: BaseException) -> str:
    """An error in one line; a vendor's with its type."""
    if isinstance(error, FloodmarkError):
        return str(error)
    text = str(getattr(error, "message", "") or error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0] if text else 'no message'}"
