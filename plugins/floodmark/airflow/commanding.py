"""A command of Floodmark's command line, called by a task, with Airflow's connections. Imported by ``execute`` only."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout

import click
import typer

from floodmark.airflow import ledger_place
from floodmark.airflow.connections import AirflowConnections
from floodmark.airflow.work import Context, Work, holder
from floodmark.cli import sources
from floodmark.cli.main import app
from floodmark.cli.sources import Caller, SourceFile

log = logging.getLogger(__name__)


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


def call(work: Work, arguments: Sequence[str], context: Context, said: list[str]) -> int:
    """Do it; its exit code. What it prints goes to the log and behind ``said``. Raises what the pipeline raises."""
    ledger_place.require(work.config, work.file.name)
    file = SourceFile(path=work.file, config=work.config, said=work.named or work.config.source)
    caller = Caller(file=file, connections=AirflowConnections(), holder=_who(context))
    command = typer.main.get_command(app).commands[arguments[0]]  # type: ignore[attr-defined]
    with _Lines(said) as lines, redirect_stdout(lines), redirect_stderr(lines), sources.called_by(caller):
        try:
            with command.make_context(f"floodmark {arguments[0]}", list(arguments[1:])) as at:
                command.invoke(at)
        except (typer.Exit, click.exceptions.Exit) as ended:
            return int(ended.exit_code)
        except click.ClickException as error:
            error.show()
            return error.exit_code
    return 0


def _who(context: Context) -> str:
    """The task's name in the ledger, and who triggered it, where Airflow says so (from 3.0 on)."""
    person = getattr(context["dag_run"], "triggering_user_name", None)
    return f"{person} by {holder(context)}" if person else holder(context)
