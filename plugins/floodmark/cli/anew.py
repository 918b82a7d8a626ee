"""``floodmark reload --anew``: what it drops, said before it does."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from floodmark.cli.screen import Screen
from floodmark.cli.sources import SourceFile
from floodmark.core.command_line import command_line
from floodmark.core.config.table import TableConfig
from floodmark.errors import ConfigurationError, Problem


def confirm(screen: Screen, source: SourceFile, tables: Sequence[TableConfig]) -> None:
    """Say what goes, and ask. Raises ``ConfigurationError`` where nobody can answer, ``typer.Abort`` for a no."""
    place = source.config.bigquery
    for table in tables:
        raw, current = place.raw_table(table), place.current_table(table)
        screen.say(
            f"{table.name}: {raw} and {current} are dropped and made again: raw's history goes, and what people put on "
            "them: descriptions, policy tags, grants; BigQuery can undelete a dropped table for its time travel window"
        )
    if at_a_terminal() and not screen.json:
        typer.confirm("Drop them?", abort=True, err=True)
        return
    again = command_line("reload --anew --yes", source.said, *(table.name for table in tables))
    remedy = f"if they may go: {again}"
    raise ConfigurationError([Problem(file="--anew", path="", message="drops tables, so it asks", remedy=remedy)])


def at_a_terminal() -> bool:
    """Whether somebody can answer."""
    return sys.stdin.isatty()
