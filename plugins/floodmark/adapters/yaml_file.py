"""A source as a file, ``*.yml``, or as a text of Airflow's, with a table's own SELECTs in ``<source>/<table>.sql``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from floodmark.adapters import beside
from floodmark.core.config import json_text, source_file, yaml_tree
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.errors import ConfigurationError, Problem

SCHEMAS = "schemas"
"""The folder of schema files, beside the sources' files."""


def load(path: Path, environ: Mapping[str, str]) -> SourceConfig:
    """Read one file. Messages name it without its folder.

    Raises:
        ConfigurationError: with every problem in it; also where it can't be read.
    """
    text = _text(path)
    config = source_file.parse(text, path.name, environ, _sql_files(path.parent))
    _require_readable(config, path)
    _refuse_pods(config, text, path.name, environ)
    return config


def load_text(text: str, path: Path, environ: Mapping[str, str]) -> SourceConfig:
    """Read a source from a JSON text; ``path`` is where its file would lie, by whose name messages call it.

    Raises ``ConfigurationError`` with every problem in it.
    """
    config = json_text.parse(text, path.name, environ, _sql_files(path.parent))
    _require_readable(config, path)
    _refuse_pods(config, text, path.name, environ)
    return config


def _refuse_pods(config: SourceConfig, text: str, named: str, environ: Mapping[str, str]) -> None:
    """Raise ``ConfigurationError`` for what Kubernetes' own models refuse; nothing of them is imported without need."""
    if any(table.executor_config for table in config.tables.values()):
        from floodmark.adapters import pods

        if problems := pods.problems(config, yaml_tree.read(text, named, environ)):
            raise ConfigurationError(problems)


def own_select(path: Path, table: TableConfig) -> str:
    """The text of a table's own SELECT; empty where it has none. ``path`` is the source's file.

    Raises ``ConfigurationError`` where it can't be read, which names the table.
    """
    return own_sql(path, table.sql, f"tables.{table.name}.sql") if table.sql else ""


def schema_text(path: Path, source: str, table: TableConfig) -> str:
    """The text of a table's schema file, ``schemas/<source>/<table>.json`` beside the source's; empty without one.

    Raises ``ConfigurationError`` where it can't be read.
    """
    place = path.parent / SCHEMAS / source / f"{table.name}.json"
    return _text(place) if beside.is_there(place) else ""


def unused(path: Path, config: SourceConfig) -> list[str]:
    """Own SELECTs and schema files of the source that no table of it takes, named from ``path``'s folder.

    Raises ``ConfigurationError`` where such may lie in a folder that can't be looked into.
    """
    selects = {table.sql for table in config.tables.values()}
    schemas = {f"{SCHEMAS}/{config.source}/{name}.json" for name in config.tables}
    places = ((path.parent / config.source, ".sql"), (path.parent / SCHEMAS / config.source, ".json"))
    there = [file for place in places for look in (beside.files, beside.otherwise) for file in look(*place)]
    names = [file.relative_to(path.parent).as_posix() for file in there]
    return [name for name in names if name not in selects | schemas]


def _require_readable(config: SourceConfig, path: Path) -> None:
    """Raise ``ConfigurationError`` where tables' own SELECTs may lie in a folder that can't be looked into."""
    try:
        beside.files(path.parent / config.source)
    except ConfigurationError as error:
        holds = "the tables' own SELECTs lie in it"
        problems = [replace(one, file=config.source, remedy=f"{holds}: {one.remedy}") for one in error.problems]
        raise ConfigurationError(problems) from None


def own_sql(path: Path, relative: str, key: str = "sql") -> str:
    """The text of a table's own SELECT; ``relative`` is :attr:`TableConfig.sql`, ``path`` the source's file.

    Raises ``ConfigurationError``, as a problem of ``key``.
    """
    try:
        text = _text(path.parent / relative)
    except ConfigurationError as error:
        unread = (f"{relative}: {one.message}" for one in error.problems)
        raise ConfigurationError([Problem(file=path.name, path=key, message=one) for one in unread]) from None
    if not text.strip() or "\0" in text:
        message = f"{relative} is empty" if "\0" not in text else f"{relative} holds a NUL character"
        raise ConfigurationError([Problem(file=path.name, path=key, message=message, remedy="write a SELECT into it")])
    return text


def _sql_files(folder: Path) -> frozenset[str]:
    return frozenset(path.relative_to(folder).as_posix() for path in folder.glob("*/*.sql")) | frozenset(
        path.name for path in folder.glob("*.sql")
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        message, remedy = f"there is no file {path}", ""
    except UnicodeDecodeError as error:
        message, remedy = f"is not UTF-8 (byte {error.start})", "save it as UTF-8"
    except OSError as error:
        remedy = "give this user the right to read it" if isinstance(error, PermissionError) else "name a file"
        message = f"can't be read: {error.strerror}"
    raise ConfigurationError([Problem(file=path.name or str(path), path="", message=message, remedy=remedy)])
