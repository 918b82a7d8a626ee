"""Names of sources, table names and DSNs of a command line -> configurations, wired tables, connections."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floodmark.adapters import source_folder, summary_files, yaml_file
from floodmark.cli import completion
from floodmark.core.command_line import OF_VARIABLE
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from floodmark.pipeline.summaries.run import SummaryRun
    from floodmark.pipeline.table_run import Ports, TableRun
    from floodmark.pipeline.wiring import Connections, Missing

File = Annotated[
    str, typer.Argument(
        metavar="SOURCE", help="A source, by its name, its file, or variable:NAME.", show_default=False,
        autocompletion=completion.source_names,
    ),
]  # fmt: skip
Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SOURCE]...",
        help="Sources, by their names or files, as variable:NAME, or folders of files. Default: all in "
        f"FLOODMARK_SOURCES, else in {source_folder.DEFAULT}.",
        autocompletion=completion.source_names,
    ),
]
Tables = Annotated[
    list[str] | None,
    typer.Option(
        "--table", "-t", metavar="TABLE", help="Only this table; may be repeated.",
        autocompletion=completion.table_names,
    ),
]  # fmt: skip
Dsn = Annotated[
    str,
    typer.Option(
        "--dsn", envvar="FLOODMARK_DSN", show_envvar=True, metavar="URI",
        help="URI of the source, postgresql:// or mysql://, instead of AIRFLOW_CONN_<ID>.", show_default=False,
    ),
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One source's file, read. ``said`` is how the command line named it, and so may every line that is printed."""

    path: Path
    config: SourceConfig
    said: str

    @property
    def place(self) -> str:
        """Where it is kept: the file, or the Variable."""
        return self.path.name if self.said.startswith(OF_VARIABLE) else str(self.path)

    def tables(self, names: Sequence[str] | None) -> tuple[TableConfig, ...]:
        """The tables of these names, in the file's order; all of them without any. Raises ``ConfigurationError``."""
        known = self.config.tables
        there = f"it has: {', '.join(known)}"
        unknown = [Problem(file=self.path.name, path="tables", message=f'no table "{name}"', remedy=there)
                   for name in names or () if name not in known]  # fmt: skip
        if unknown:
            raise ConfigurationError(unknown)
        return tuple(table for name, table in known.items() if not names or name in names)

    def connections(self, dsn: str = "", environ: Mapping[str, str] | None = None) -> Connections:
        """Its connections: the caller's, else the environment's, where a DSN stands for the source's own."""
        from floodmark.adapters.connections.airflow_connection import variable
        from floodmark.adapters.connections.environment import LocalConnections
        from floodmark.adapters.local_airflow.connections import AirflowsConnections

        if (caller := _CALLER.get()) is not None:
            return caller.connections
        environ, dsns = os.environ if environ is None else environ, {self.config.connection: dsn} if dsn else {}
        given = {*dsns, *(one for one in self.config.connections if variable(one) in environ)}
        airflows = AirflowsConnections(one for one in self.config.connections if one not in given)
        return LocalConnections(environ, dsns=dsns, elsewhere=airflows.of)

    def ports(self, dsn: str = "", *, missing: Missing = "refused") -> Ports:
        """Its ports, none of them open yet. A ledger that isn't there is made only for what writes."""
        from floodmark.pipeline import wiring

        return wiring.ports(self.config, self.connections(dsn), missing=missing)

    def table_run(self, table: TableConfig, ports: Ports, command: str) -> TableRun:
        """One table, wired, for a step of this process."""
        from floodmark.pipeline import wiring

        holder = self._holder(command)
        return wiring.table_run(self.config, self.path, table, ports, holder=holder, named=self.said)

    def summaries(self, names: Sequence[str] | None = None) -> tuple[ResolvedSummary, ...]:
        """Its summaries of these names, each after those that it reads; all of them without any.

        Raises ``ConfigurationError``, with every problem in their files.
        """
        known = summary_files.require(self.path, self.config)
        there = [one.summary.name for one in known]
        folder, remedy = str(self.path.parent / summary_files.FOLDER), f"it has: {', '.join(there) or 'none'}"
        unknown = [Problem(file=folder, path="", message=f'no summary "{name}"', remedy=remedy)
                   for name in names or () if name not in there]  # fmt: skip
        if unknown:
            raise ConfigurationError(unknown)
        return tuple(one for one in known if not names or one.summary.name in names)

    def summaries_as_they_are(self) -> tuple[tuple[ResolvedSummary, ...], list[Problem]]:
        """Its summaries that can be used, and what is wrong with the others."""
        return summary_files.load(self.path, self.config)

    def summary_run(self, summary: ResolvedSummary, ports: Ports, command: str) -> SummaryRun:
        """One summary, wired, for a step of this process."""
        from floodmark.pipeline import wiring

        return wiring.summary_run(self.config, self.path, summary, ports, holder=self._holder(command), named=self.said)

    @staticmethod
    def _holder(command: str) -> str:
        if (caller := _CALLER.get()) is not None:
            return f"{caller.holder}: floodmark {command}"
        return f"{getpass.getuser()}@{socket.gethostname()} pid {os.getpid()}: floodmark {command}"

    def declared(self, table: TableConfig) -> str:
        """The text of a table's schema file; empty where it has none. Raises ``ConfigurationError``."""
        return yaml_file.schema_text(self.path, self.config.source, table)

    def own_select(self, table: TableConfig) -> str:
        """The text of a table's own SELECT; empty where it has none. Raises ``ConfigurationError``."""
        return yaml_file.own_select(self.path, table)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls a command from within Python: the source as it has read it, its connections, its name in the ledger."""

    file: SourceFile
    connections: Connections
    holder: str


_CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)


@contextmanager
def called_by(caller: Caller) -> Iterator[None]:
    """Commands within take the caller's source, by the name that it gives it, and its connections."""
    token = _CALLER.set(caller)
    try:
        yield
    finally:
        _CALLER.reset(token)


def read(said: str) -> SourceFile:
    """The source of a name, of a file, or of a Variable. Raises ``ConfigurationError`` with every problem in it."""
    if (caller := _CALLER.get()) is not None and said == caller.file.said:
        return caller.file
    if said.startswith(OF_VARIABLE):
        return _of_variable(said)
    path = _path(said)
    return SourceFile(path=path, config=yaml_file.load(path, os.environ), said=said)


def _of_variable(said: str) -> SourceFile:
    """The source that ``variable:NAME`` means: what AIRFLOW_VAR_NAME holds, or the Variable of the Airflow here."""
    from floodmark.adapters.local_airflow.document import Document
    from floodmark.adapters.local_airflow.variable import of_database

    name = said.removeprefix(OF_VARIABLE)
    document = Document(variable=name, text=of_database(name))
    path = document.path(source_folder.folders(os.environ)[0].parent)
    return SourceFile(path=path, config=document.config(path), said=said)


def _path(said: str) -> Path:
    """A file, where it is written like one or there is one; else the file of the source of that name."""
    path = Path(said)
    is_file = os.path.isfile(said)  # false, too, of what can be none
    if path.suffix in (".yml", ".yaml") or path.name != said or is_file:
        return path
    return source_folder.by_name(said, os.environ)


def beside(files: Sequence[SourceFile]) -> list[SourceFile]:
    """These files, and those that lie in the same folders, as far as they can be read."""
    folders = dict.fromkeys(file.path.parent for file in files)
    paths = [*(file.path for file in files), *(path for folder in folders for path in source_folder.files(folder))]
    good = source_folder.load([path for path in paths if path.is_file()], os.environ).good
    more = [SourceFile(path=path, config=config, said=str(path)) for path, config in good.items()]
    return [*more, *(file for file in files if file.path not in good)]


def _paths(given: Sequence[str]) -> dict[Path, str]:
    """The files that are meant, each with how it was named: given, or found in folders."""
    said: dict[Path, str] = {}
    for name in given or [str(folder) for folder in source_folder.folders(os.environ)]:
        folder = Path(name)
        paths = {path: str(path) for path in source_folder.files(folder)} if os.path.isdir(name) else {}
        if given and not paths and (folder.name == name or not os.path.isdir(name)):
            paths = {_path(name): name}
        if not paths:
            remedy = f"name a source's file, or set {source_folder.VARIABLE}; or begin one: floodmark init"
            raise ConfigurationError([Problem(file=name, path="", message="holds no *.yml", remedy=remedy)])
        said |= {path: named for path, named in paths.items() if path not in said}
    return said


def read_all(given: Sequence[str] | None) -> list[SourceFile]:
    """Every source that is meant, each beside the others. Raises ``ConfigurationError`` with the problems of all."""
    if (caller := _CALLER.get()) is not None and given == [caller.file.said]:
        return [caller.file]
    kept = [name for name in given or () if name.startswith(OF_VARIABLE)]
    said = {} if kept and len(kept) == len(given or ()) else _paths([name for name in given or () if name not in kept])
    sources = source_folder.load(list(said), os.environ)
    if error := sources.error():
        raise error
    files = [SourceFile(path=path, config=config, said=said[path]) for path, config in sources.good.items()]
    return [*files, *map(_of_variable, kept)]
