"""The sources beside a DAG file: those that can be used, and those that can't, each with every problem."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from floodmark.adapters import yaml_file
from floodmark.core.config.source import SourceConfig
from floodmark.errors import ConfigurationError, Problem

FOLDER = "sources"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Files of a folder, in order of name."""

    folder: Path
    good: dict[Path, SourceConfig] = field(default_factory=dict)
    broken: dict[Path, ConfigurationError] = field(default_factory=dict)

    def error(self) -> ConfigurationError | None:
        """Every problem of every broken file, as one error."""
        problems = [problem for error in self.broken.values() for problem in error.problems]
        return ConfigurationError(problems) if problems else None


def beside(dag_file: str) -> Sources:
    """The YAML files in ``sources/`` beside a DAG file.

    Raises ``ConfigurationError`` where there are none at all: a DAG file that makes no DAGs is a mistake.
    """
    folder = Path(dag_file).resolve().parent / FOLDER
    found = Sources(folder=folder)
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        try:
            _add(found, path, yaml_file.load(path, os.environ))
        except ConfigurationError as error:
            found.broken[path] = error
    if not found.good and not found.broken:
        remedy = f"write one YAML file per source into {FOLDER}/ beside {Path(dag_file).name}"
        raise ConfigurationError([Problem(file=str(folder), path="", message="holds no *.yml", remedy=remedy)])
    return found


def _add(found: Sources, path: Path, config: SourceConfig) -> None:
    for other, earlier in found.good.items():
        if earlier.source == config.source:
            message = f'"{config.source}" is the source of {other.name} too'
            raise ConfigurationError(
                [Problem(file=path.name, path="source", message=message, remedy="give it another name")]
            )
    found.good[path] = config
