"""A source as a file, ``*.yml``, with a table's own SELECTs in ``<source>/<table>.sql``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from floodmark.core.config import source_file
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.errors import ConfigurationError, Problem


def load(path: Path, environ: Mapping[str, str]) -> SourceConfig:
    """Read one file. Messages name it without its folder.

    Raises:
        ConfigurationError: with every problem in it; also where it can't be read.
    """
    return source_file.parse(_text(path), path.name, environ, _sql_files(path.parent))


def own_select(path: Path, table: TableConfig) -> str:
    """The text of a table's own SELECT; empty where it has none. ``path`` is the source's file.

    Raises ``ConfigurationError`` where it can't be read.
    """
    return own_sql(path, table.sql) if table.sql else ""


def own_sql(path: Path, relative: str) -> str:
    """The text of a table's own SELECT; ``relative`` is :attr:`TableConfig.sql`, ``path`` the source's file."""
    text = _text(path.parent / relative)
    if not text.strip() or "\0" in text:
        message = f"{relative} is empty" if "\0" not in text else f"{relative} holds a NUL character"
        raise ConfigurationError(
            [Problem(file=path.name, path="sql", message=message, remedy="write a SELECT into it")]
        )
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
        message, remedy = f"can't be read: {error.strerror}", ""
    raise ConfigurationError([Problem(file=path.name, path="", message=message, remedy=remedy)])
