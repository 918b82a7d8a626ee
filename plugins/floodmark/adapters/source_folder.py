"""Folders of sources: one YAML file each. Where they lie, which can be used, and which file a source's name means."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from floodmark.adapters import beside, yaml_file
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.together import Together
from floodmark.errors import ConfigurationError, Problem

VARIABLE = "FLOODMARK_SOURCES"
DEFAULT = Path("dags/sources")
ENDINGS = (".yml", ".yaml")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Files in order: those that can be used, and those that can't, each with every problem."""

    good: dict[Path, SourceConfig] = field(default_factory=dict)
    broken: dict[Path, ConfigurationError] = field(default_factory=dict)

    def error(self) -> ConfigurationError | None:
        """Every problem of every broken file, as one error."""
        problems = [problem for error in self.broken.values() for problem in error.problems]
        return ConfigurationError(problems) if problems else None


def files(folder: Path) -> list[Path]:
    """The YAML files of a folder, in order of name; none where there is no folder.

    Raises ``ConfigurationError`` where it can't be looked into, which isn't the same as an empty one.
    """
    return beside.files(folder, *ENDINGS)


def folders(environ: Mapping[str, str]) -> list[Path]:
    """Where sources are looked for by name: ``FLOODMARK_SOURCES``, folders parted as in ``PATH``; else ``dags/sources``
    below the folder that a command is called in."""
    written = [Path(name).expanduser() for name in environ.get(VARIABLE, "").split(os.pathsep) if name]
    return written or [DEFAULT]


def load(paths: Sequence[Path], environ: Mapping[str, str]) -> Sources:
    """Read files, each by itself and then beside those before it. Nothing is raised for a file that can't be used."""
    sources, together = Sources(), Together()
    for path in dict.fromkeys(paths):
        try:
            config = yaml_file.load(path, environ)
            if problems := together.add(path.name, config):
                raise ConfigurationError(problems)
            sources.good[path] = config
        except ConfigurationError as error:
            sources.broken[path] = error
    return sources


def by_name(name: str, environ: Mapping[str, str]) -> Path:
    """The file whose ``source:`` is ``name``. Raises ``ConfigurationError``, naming those that there are."""
    places = folders(environ)
    paths = [path for folder in places for path in files(folder)]
    sources = load(paths, environ)
    named = [path for path, config in sources.good.items() if config.source == name]
    named += [path for path in sources.broken if path.stem == name]
    if named:
        return named[0]
    where = ", ".join(map(str, places))
    there = ", ".join(config.source for config in sources.good.values()) or "none"
    broken = f"; can't be read: {', '.join(path.name for path in sources.broken)}" if sources.broken else ""
    remedy = f"there are: {there}{broken}; or name a file, or set {VARIABLE} to the folder of the sources' files"
    raise ConfigurationError([Problem(file=where, path="", message=f'no source is named "{name}"', remedy=remedy)])
