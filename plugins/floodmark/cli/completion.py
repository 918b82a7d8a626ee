"""What a shell offers on Tab: the sources that there are, and a source's tables. A broken file offers none."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import typer

from floodmark.adapters import source_folder
from floodmark.core.config.source import SourceConfig
from floodmark.errors import ConfigurationError


def source_names(incomplete: str) -> list[str]:
    """The names of the sources in ``FLOODMARK_SOURCES``, else in ``dags/sources``."""
    return sorted(config.source for config in _known().values() if config.source.startswith(incomplete))


def table_names(context: typer.Context, incomplete: str) -> list[str]:
    """The tables of the source that the line names already."""
    named = context.params.get("file") or context.params.get("files") or ()
    # A line that ends with an option still lacks its value: its arguments lie where they were found.
    wanted: Sequence[str] = [*([named] if isinstance(named, str) else named), *context.args]
    return sorted(
        table
        for path, config in _known([Path(name) for name in wanted if Path(name).is_file()]).items()
        if config.source in wanted or str(path) in wanted
        for table in config.tables
        if table.startswith(incomplete)
    )


def _known(more: Sequence[Path] = ()) -> Mapping[Path, SourceConfig]:
    paths: list[Path] = []
    with suppress(ConfigurationError):  # a folder that may not be looked into completes nothing
        paths += [path for folder in source_folder.folders(os.environ) for path in source_folder.files(folder)]
    return source_folder.load([*more, *paths], os.environ).good
