"""What was asked, what was expected, what came, and whether that is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cloud.place import Place


class Verdict(StrEnum):
    """Whether what came is what was expected."""

    PASS = "pass"
    DIFFERS = "differs"
    NOT_ASKABLE = "not askable here"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer. ``about`` names the check; what is expected is what the product, or the gate, takes for true."""

    about: str
    asked: str
    expected: str
    came: str
    verdict: Verdict


class NotAskable(Exception):
    """The server can't be asked this, or not by this account: why."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question of its own, or several. ``ask`` yields the answers, and may raise anything: see :func:`answers`.

    ``here`` says in what the local server is known to be otherwise: it can't be asked this.
    """

    name: str
    ask: Callable[[Place], Iterator[Finding]]
    here: str = ""


def held(about: str, *, asked: str, expected: str, came: str, well: bool) -> Finding:
    """An answer that is as expected where ``well``."""
    verdict = Verdict.PASS if well else Verdict.DIFFERS
    return Finding(about=about, asked=asked, expected=expected, came=came, verdict=verdict)


def answers(name: str, asking: Callable[[], Iterator[Finding]], *, here: str = "") -> Iterator[Finding]:
    """The answers, and what ended them early: an error is a difference, since none was expected.

    ``here``: why the server that is asked is known to differ; then it proves nothing.
    """
    for finding in _answers(name, asking):
        if here and finding.verdict is Verdict.DIFFERS:
            came = f"{finding.came}; the server of this machine can't be asked: {here}"
            yield replace(finding, came=came, verdict=Verdict.NOT_ASKABLE)
        else:
            yield finding


def _answers(name: str, asking: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from asking()
    except NotAskable as why:
        yield Finding(about=name, asked="", expected="", came=str(why), verdict=Verdict.NOT_ASKABLE)
    except Exception as error:
        came = f"{type(error).__name__}: {first_line(error)}"
        yield Finding(about=name, asked="all of it", expected="an answer", came=came, verdict=Verdict.DIFFERS)


def first_line(error: BaseException) -> str:
    """What an exception says, without the query that Google's clients append."""
    text = str(getattr(error, "message", "") or error).strip()
    return text.splitlines()[0][:500] if text else "no message"
