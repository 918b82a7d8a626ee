"""What the form of ``<source>__ops`` asks for, as command lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from floodmark.errors import ConfigurationError, Problem


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action: its command, how tables are named to it, and what it needs."""

    words: tuple[str, ...]
    tables: Literal["none", "options", "arguments", "each"]
    needs_tables: bool = False
    takes_time: bool = False
    confirmed: bool = False


ACTIONS = {
    "status": Action(words=("status",), tables="none"),
    "doctor": Action(words=("doctor",), tables="none"),
    "prove": Action(words=("prove",), tables="options"),
    "plan": Action(words=("plan",), tables="options", takes_time=True),
    "run": Action(words=("run",), tables="options", takes_time=True),
    "gaps": Action(words=("run", "--gaps"), tables="options"),
    "balance": Action(words=("balance",), tables="arguments"),
    "reconcile": Action(words=("reconcile",), tables="arguments"),
    "heal": Action(words=("reconcile", "--heal"), tables="arguments", confirmed=True),
    "unblock": Action(words=("unblock",), tables="each", needs_tables=True, confirmed=True),
    "void": Action(words=("void",), tables="each", needs_tables=True, confirmed=True),
    "reload": Action(words=("reload",), tables="arguments", needs_tables=True),
    "rebuild": Action(words=("reload", "--anew", "--yes"), tables="arguments", needs_tables=True, confirmed=True),
}
"""By its name in the form."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """The form as it was sent. ``start`` and ``end`` are texts as the command line takes them, or None."""

    action: str
    tables: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    confirm: str = ""

    def commands(self, source: str, named: str = "") -> list[list[str]]:
        """The command lines, without ``floodmark``. ``named``: how a command line names the source, where otherwise.

        Raises ``ConfigurationError``, before anything is done: not confirmed, or a field that the action has no use
        for, or one that it lacks.
        """
        action, place = ACTIONS[self.action], named or source
        self._require(action, source)
        begun = [*action.words, place]
        if action.tables == "each":
            return [[*begun, table] for table in self.tables]
        if action.tables == "options":
            named_tables = [word for table in self.tables for word in ("--table", table)]
        else:
            named_tables = list(self.tables)
        times = [word for option, at in (("--from", self.start), ("--to", self.end)) if at for word in (option, at)]
        return [[*begun, *named_tables, *times]]

    def _require(self, action: Action, source: str) -> None:
        problems = []
        if action.confirmed and self.confirm != source:
            problems.append(("confirm", f"is not the source's name, which {self.action} asks for", f"write {source}"))
        if action.needs_tables and not self.tables:
            problems.append(("tables", f"names none, and {self.action} is never of all", "choose some"))
        if action.tables == "none" and self.tables:
            problems.append(
                ("tables", f"is of no use to {self.action}, which is of the whole source", "leave it empty")
            )
        if (self.start or self.end) and not action.takes_time:
            problems.append(("start, end", f"are of no use to {self.action}", "leave them empty"))
        if problems:
            raise ConfigurationError(
                [
                    Problem(file="run", path=f"params.{path}", message=said, remedy=remedy)
                    for path, said, remedy in problems
                ]
            )
