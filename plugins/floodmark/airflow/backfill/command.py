"""``airflow dags backfill -s START -e END DAG`` on Airflow 3.2 on, which has ``airflow backfill create`` instead.

Airflow lets a provider add groups of commands, but not a command to a group that is there. So the group ``dags`` is
replaced in the very list that Airflow is putting together. That leans on Airflow's inside: where it has changed, only
this one command is missing, and a warning says so. Airflow 2 has the command and never asks; Airflow 3 asks from 3.2
on, so 3.0 and 3.1 have ``airflow backfill create`` only.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

log = logging.getLogger(__name__)

GROUP, NAME = "dags", "backfill"
HELP = "Run the intervals of a DAG between two dates, and wait for them"
DESCRIPTION = (
    "As on Airflow 2: every interval that starts from START to END, both included, also those that ran before. It is "
    "`airflow backfill create --reprocess-behavior completed`, done by the scheduler; this command only waits for it."
)


def commands() -> list[Any]:
    """Called by Airflow while it puts its commands together. Nothing to add; one group is replaced."""
    try:
        _replace_group()
    except Exception as error:
        log.warning(
            "`airflow dags backfill` is missing: this Airflow puts its commands together differently (%s: %s); "
            "use `airflow backfill create --reprocess-behavior completed`",
            type(error).__name__,
            error,
        )
    return []


def _replace_group() -> None:
    commands = sys.modules["airflow.cli.cli_parser"].airflow_commands  # not imported: it is being imported just now
    [place] = [number for number, command in enumerate(commands) if command.name == GROUP]
    group = commands[place]
    if any(command.name == NAME for command in group.subcommands):
        return
    commands[place] = group._replace(subcommands=(*group.subcommands, _command()))


def _command() -> Any:
    from airflow.cli import cli_config

    words: Any = cli_config  # untyped
    option, moment = words.Arg, words.parsedate
    late = "accepted from old runbooks: it is what happens anyway"
    return words.ActionCommand(
        name=NAME,
        help=HELP,
        description=DESCRIPTION,
        func=words.lazy_load_command("floodmark.airflow.backfill.run.backfill"),
        args=(
            option(("dag_id",), help="The id of the DAG"),
            option(("-s", "--start-date"), help="Start of the first interval; END where it is left out", type=moment),
            option(("-e", "--end-date"), help="Start of the last interval; START where it is left out", type=moment),
            option(("-c", "--conf"), help='JSON for the runs, as {"tables": ["orders"]}'),
            option(("-B", "--run-backwards"), help="The newest interval first", action="store_true"),
            option(("-n", "--dry-run"), help="Only say which intervals they are", action="store_true"),
            option(("--max-active-runs",), help="How many intervals at once", type=int),
            option(("-v", "--verbose"), help="Make logging output more verbose", action="store_true"),
            option(("--reset-dagruns",), help=late, action="store_true"),
            option(("--rerun-failed-tasks",), help=late, action="store_true"),
            option(("-y", "--yes"), help=late, action="store_true"),
        ),
    )
