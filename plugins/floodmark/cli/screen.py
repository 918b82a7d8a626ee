"""What people and scripts see: the result on stdout, as tables or as one JSON document; progress on stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from typer.core import TyperGroup

from floodmark.cli import streams
from floodmark.cli.exits import Exit, code
from floodmark.cli.machine import told
from floodmark.core.config.readable import printable, readable
from floodmark.errors import ConfigurationError, FloodmarkError

_JSON = "floodmark.json"
_LONGEST = 4_000
"""Characters of a line of an error: more than the longest that is all our own words."""
_ANY_WIDTH = 10_000


_KEPT: ContextVar[list[Any] | None] = ContextVar("kept", default=None)


@contextmanager
def documents_kept(kept: list[Any]) -> Iterator[None]:
    """Commands within write for people, and what they would write for scripts comes behind ``kept``, too."""
    token = _KEPT.set(kept)
    try:
        yield
    finally:
        _KEPT.reset(token)


def _remember(ctx: typer.Context, value: bool) -> bool:
    ctx.meta[_JSON] = value
    return value


Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.", callback=_remember)]


@dataclass(frozen=True, kw_only=True)
class Screen:
    """Where a command writes. ``json`` keeps stdout for one document."""

    json: bool = False

    def say(self, text: str) -> None:
        """A line of progress, on stderr. Where that takes nothing the work goes on all the same."""
        with suppress(OSError):
            print(printable(text), file=sys.stderr, flush=True)

    def document(self, value: Any) -> None:
        """The result for scripts: on stdout with ``json``, and to who keeps documents."""
        text = json.dumps(value, indent=2, default=_plain, ensure_ascii=False)
        if (kept := _KEPT.get()) is not None:
            kept.append(json.loads(text))
        if self.json:
            print(text.encode(errors=streams.ESCAPED).decode())  # half a character is in JSON as it is escaped here

    def line(self, text: str = "", style: str = "") -> None:
        """A line of the result for people."""
        _console().print(escape(printable(text)), style=style or None, highlight=False, soft_wrap=True)

    def ledger(self, ledger: object) -> str:
        """Say which ledger is read, before anything is said of it; where it lies, for a document's ``ledger``."""
        if not self.json:
            self.line(f"ledger: {ledger}")
        return str(ledger)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """A table of the result for people; wide ones are not cut when they go into a pipe.

        In a window so narrow that words would be broken each row is some lines instead, one for each cell that isn't
        empty. A row may end early: the rest of its cells are empty.
        """
        drawn = Table(title=escape(title) or None, title_justify="left", header_style="bold")
        for column in columns:
            drawn.add_column(column, overflow="fold")
        written = [[printable(shown(cell)) for cell in row] for row in rows]
        for row in written:
            drawn.add_row(*map(escape, row))
        console = _console()
        if sys.stdout.isatty() and _least_width(console, drawn) > console.width:
            if title:
                self.line(title, style="bold")
            for row in written:
                self._lines_of(columns, row)
        else:
            console.print(drawn)

    def _lines_of(self, columns: Sequence[str], row: Sequence[str]) -> None:
        first, *others = zip(columns, row, strict=False)
        self.line(f"{first[0]}: {first[1]}", style="bold")
        for name, cell in others:
            for number, text in enumerate(cell.splitlines()):
                self.line(f"    {text}" if number else f"  {name}: {text}")


def _console() -> Console:
    """Made anew each time, since tests exchange stdout; wide where nobody's window limits it."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200)


def _least_width(console: Console, drawn: Table) -> int:
    """Below it, words of the table are broken."""
    return Measurement.get(console, console.options.update_width(_ANY_WIDTH), drawn).minimum


def shown(value: object) -> str:
    """A value in a table: moments to the second, in UTC; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, tuple | list):
        return "\n".join(shown(item) for item in value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)


class PlainErrors(TyperGroup):
    """Every error once, without traceback: a text on stderr, or with ``--json`` a document on stdout."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; turn what it raises into its exit code."""
        streams.prepare()
        try:
            return self._written(ctx)
        except KeyboardInterrupt:
            with suppress(OSError):
                print("interrupted; leases are released, the next run goes on from the ledger", file=sys.stderr)
            raise typer.Exit(Exit.INTERRUPTED) from None
        except (typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if hasattr(error, "exit_code"):  # click's own, which Typer shows with the command's usage
                if isinstance(said := getattr(error, "message", None), str):
                    error.message = readable(said, _LONGEST)  # type: ignore[attr-defined]
                raise
            _tell(error, as_json=ctx.meta.get(_JSON, False))
            raise typer.Exit(code(error)) from None

    def _written(self, ctx: Any) -> Any:
        """Run the command and write what it said, so that a stdout that takes nothing is told, not met at the end.

        What the command itself raised is not hidden by that.
        """
        try:
            result = super().invoke(ctx)
        except typer.Exit:
            sys.stdout.flush()
            raise
        sys.stdout.flush()
        return result


def _tell(error: Exception, *, as_json: bool) -> None:
    """Report it; on stderr where stdout takes nothing, by the exit code alone where that takes nothing either."""
    try:
        if as_json:
            report(error, as_json=True)
        sys.stdout.flush()
    except OSError:
        streams.give_up_stdout()
        as_json = False
    if not as_json:
        with suppress(OSError):
            report(error, as_json=False)


def report(error: Exception, *, as_json: bool) -> None:
    """Say what went wrong, once."""
    if os.environ.get("FLOODMARK_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    error = told(error)
    if as_json:
        Screen(json=True).document({"error": described(error)})
    elif isinstance(error, FloodmarkError):
        lines = _lines(error)
        print(f"error: {lines[0]}" if len(lines) == 1 else "\n".join(lines), file=sys.stderr)
    else:
        said = f"{type(error).__name__}: {' '.join(_lines(error))}"
        print(f"error: unexpected {said}\nThis is a defect; FLOODMARK_DEBUG=1 shows where.", file=sys.stderr)


def _lines(error: Exception) -> list[str]:
    """What an error says, a line for each problem of it."""
    problems = error.problems if isinstance(error, ConfigurationError) else str(error).split("\n")
    return [readable(str(one), _LONGEST) for one in problems] or [""]


def described(error: Exception) -> dict[str, Any]:
    """An error as plain values."""
    error = told(error)
    document: dict[str, Any] = {
        "kind": type(error).__name__,
        "exit_code": int(code(error)),
        "message": "\n".join(_lines(error)),
    }
    if isinstance(error, ConfigurationError):
        document["problems"] = [
            {key: readable(getattr(one, key), _LONGEST) for key in ("file", "path", "message", "remedy")}
            for one in error.problems
        ]
    return document


def log_to_stderr(*, verbose: bool) -> None:
    """The pipeline's own log: warnings always, the queries and jobs where asked."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    logging.getLogger("floodmark").setLevel(logging.INFO if verbose else logging.WARNING)
    logging.getLogger("floodmark.progress").setLevel(logging.INFO)
