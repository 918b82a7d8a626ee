"""Paths, table names and DSNs of a command line -> configurations, wired tables, connections."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floodmark.adapters import yaml_file
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from floodmark.adapters.connections.environment import LocalConnections
    from floodmark.pipeline.table_run import Ports, TableRun

FOLDER = Path("dags/sources")

File = Annotated[Path, typer.Argument(metavar="YAML", help="A source's file.", show_default=False)]
Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[YAML]...", help=f"Sources' files, or folders of them. Default: {FOLDER}/*.yml."),
]
Tables = Annotated[
    list[str] | None, typer.Option("--table", "-t", metavar="TABLE", help="Only this table; may be repeated.")
]
Dsn = Annotated[
    str,
    typer.Option(
        "--dsn", envvar="FLOODMARK_DSN", show_envvar=True, metavar="URI",
        help="libpq URI of the source, instead of AIRFLOW_CONN_<ID>.", show_default=False,
    ),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One source's file, read."""

    path: Path
    config: SourceConfig

    def tables(self, names: Sequence[str] | None) -> tuple[TableConfig, ...]:
        """The tables of these names, in the file's order; all of them without any. Raises ``ConfigurationError``."""
        known = self.config.tables
        there = f"it has: {', '.join(known)}"
        unknown = [Problem(file=self.path.name, path="tables", message=f'no table "{name}"', remedy=there)
                   for name in names or () if name not in known]  # fmt: skip
        if unknown:
            raise ConfigurationError(unknown)
        return tuple(table for name, table in known.items() if not names or name in names)

    def connections(self, dsn: str = "", environ: Mapping[str, str] | None = None) -> LocalConnections:
        """Its connections; a DSN stands for the source's own."""
        from floodmark.adapters.connections.environment import LocalConnections

        return LocalConnections(
            os.environ if environ is None else environ, dsns={self.config.connection: dsn} if dsn else {}
        )

    def ports(self, dsn: str = "") -> Ports:
        """Its ports, none of them open yet."""
        from floodmark.pipeline import wiring

        return wiring.ports(self.config, self.connections(dsn))

    def table_run(self, table: TableConfig, ports: Ports, command: str) -> TableRun:
        """One table, wired, for a step of this process."""
        from floodmark.pipeline.table_run import TableRun

        return TableRun(
            config=self.config,
            table=table,
            ports=ports,
            holder=f"{getpass.getuser()}@{socket.gethostname()} pid {os.getpid()}: floodmark {command}",
            file=self.path.name,
            own_select=yaml_file.own_sql(self.path, table.sql) if table.sql else "",
        )


def read(path: Path) -> SourceFile:
    """One file. Raises ``ConfigurationError`` with every problem in it."""
    return SourceFile(path=path, config=yaml_file.load(path, os.environ))


def paths(given: Sequence[Path] | None) -> list[Path]:
    """The files that are meant: given, found in given folders, or in :data:`FOLDER`."""
    found: list[Path] = []
    for path in given or [FOLDER]:
        inside = sorted([*path.glob("*.yml"), *path.glob("*.yaml")]) if path.is_dir() else [path]
        if not inside or (not given and not path.is_dir()):
            remedy = "name a file; floodmark init writes one"
            raise ConfigurationError([Problem(file=str(path), path="", message="holds no *.yml", remedy=remedy)])
        found += inside
    return list(dict.fromkeys(found))


def beside(files: Sequence[SourceFile]) -> list[SourceFile]:
    """These files, and those that lie in the same folders, as far as they can be read."""
    found = list(files)
    for folder in dict.fromkeys(file.path.parent for file in files):
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
            with suppress(ConfigurationError):
                found.append(read(path))
    return found


def read_all(given: Sequence[Path] | None) -> list[SourceFile]:
    """Every file that is meant. Raises ``ConfigurationError`` with the problems of all."""
    files: list[SourceFile] = []
    problems: list[Problem] = []
    for path in paths(given):
        try:
            files.append(read(path))
        except ConfigurationError as error:
            problems += error.problems
    first: dict[str, SourceFile] = {}
    for file in files:
        other = first.setdefault(file.config.source, file)
        if other is not file:
            message = f'"{file.config.source}" is the source of {other.path.name} too'
            problems.append(Problem(file=file.path.name, path="source", message=message, remedy="rename one"))
    if problems:
        raise ConfigurationError(problems)
    return files
