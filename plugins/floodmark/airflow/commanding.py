"""A command of Floodmark's command line, called by a task, with Airflow's connections. Imported by ``execute`` only."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import click
import typer

from floodmark.airflow import kept_output, ledger_place
from floodmark.airflow.connections import AirflowConnections
from floodmark.airflow.work import Context, Work, holder
from floodmark.cli import sources
from floodmark.cli.exits import MEANINGS, Exit, code, worst
from floodmark.cli.main import app
from floodmark.cli.screen import described, documents_kept
from floodmark.cli.sources import Caller, SourceFile
from floodmark.core.command_line import command_line
from floodmark.pipeline.clock import now
from floodmark.pipeline.page.output import KeptOutput

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a run's commands have said so far: lines for people, documents for scripts, and the code of each."""

    commands: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    codes: list[Exit] = field(default_factory=list)

    @property
    def exit(self) -> Exit:
        """The worst."""
        return worst(self.codes)

    def failed(self, error: BaseException) -> None:
        """One of them raised it, or nothing was begun for it."""
        if not isinstance(error, Exception):
            self.codes.append(Exit.INTERRUPTED)
            return
        document = described(error)
        self.codes.append(code(error))
        self.lines.extend(f"error: {document['message']}".split("\n"))
        self.documents.append({"error": document})


@contextmanager
def kept(source: str, context: Context) -> Iterator[Said]:
    """What is said within is kept for the page of the run, whatever its end is."""
    said = Said()
    try:
        yield said
    except BaseException as error:
        said.failed(error)
        raise
    finally:
        output = KeptOutput(
            source=source, commands=tuple(said.commands), exit_code=said.exit, verdict=MEANINGS[said.exit],
            ended_at=now(), lines=tuple(said.lines), documents=tuple(said.documents),
        )  # fmt: skip
        kept_output.keep(context, output)


class _Lines(io.TextIOBase):
    """A file whose lines go to the task's log as they come, and to a list.

    The log may be printed in its turn, as Airflow 2 does: it has the streams that were there before.
    """

    def __init__(self, said: list[str]) -> None:
        self._said, self._begun, self._before = said, "", (sys.stdout, sys.stderr)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._tell(line)
        return len(text)

    def close(self) -> None:
        if self._begun:
            self._tell(self._begun)
        self._begun = ""
        super().close()

    def _tell(self, line: str) -> None:
        self._said.append(line.rstrip())
        out, err = self._before
        with redirect_stdout(out), redirect_stderr(err):
            log.info("%s", line.rstrip())


def call(work: Work, arguments: Sequence[str], context: Context, said: Said) -> None:
    """Do it. What it prints goes to the log and into ``said``, its exit code too. Raises what the pipeline raises."""
    said.commands.append(command_line(*arguments))
    ledger_place.require(work.config, work.file.name)
    file = SourceFile(path=work.file, config=work.config, said=work.named or work.config.source)
    caller = Caller(file=file, connections=AirflowConnections(), holder=_who(context))
    command = typer.main.get_command(app).commands[arguments[0]]  # type: ignore[attr-defined]
    with (
        _Lines(said.lines) as lines, redirect_stdout(lines), redirect_stderr(lines),
        documents_kept(said.documents), sources.called_by(caller),
    ):  # fmt: skip
        try:
            with command.make_context(f"floodmark {arguments[0]}", list(arguments[1:])) as at:
                command.invoke(at)
        except (typer.Exit, click.exceptions.Exit) as ended:
            said.codes.append(Exit(ended.exit_code))
        except click.ClickException as error:
            error.show()
            said.codes.append(Exit(error.exit_code))
        else:
            said.codes.append(Exit.OK)


def _who(context: Context) -> str:
    """The task's name in the ledger, and who triggered it, where Airflow says so (from 3.0 on)."""
    person = getattr(context["dag_run"], "triggering_user_name", None)
    return f"{person} by {holder(context)}" if person else holder(context)
