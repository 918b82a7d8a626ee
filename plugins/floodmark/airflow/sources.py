"""The sources beside a DAG file: those that can be used, and those that can't, each with every problem."""

from __future__ import annotations

import os
from pathlib import Path

from floodmark.adapters import pods, source_folder
from floodmark.adapters.source_folder import Sources
from floodmark.errors import ConfigurationError, Problem

FOLDER = "sources"


def beside(dag_file: str) -> Sources:
    """The YAML files in ``sources/`` beside a DAG file.

    Raises ``ConfigurationError`` where there are none at all: a DAG file that makes no DAGs is a mistake.
    """
    folder = Path(dag_file).resolve().parent / FOLDER
    paths = source_folder.files(folder)
    if not paths:
        remedy = f"write one YAML file per source into {FOLDER}/ beside {Path(dag_file).name}"
        raise ConfigurationError([Problem(file=str(folder), path="", message="holds no *.yml", remedy=remedy)])
    return _with_pods(source_folder.load(paths, os.environ))


def _with_pods(read: Sources) -> Sources:
    """The same, where those whose tasks' pods can't be made here are broken."""
    for path, config in [*read.good.items()]:
        try:
            pods.require(config, path.name)
        except ConfigurationError as error:
            del read.good[path]
            read.broken[path] = error
    return read
