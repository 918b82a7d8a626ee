"""Pods of Kubernetes out of plain documents: checked by its client's own models, and made of them.

Its package is imported only where a pod is written. The client itself skips a key that it doesn't know, and takes
"false" for true, so each key and value is looked at first.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from floodmark.core.config.pods import POD
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.yaml_tree import Path, Tree
from floodmark.errors import ConfigurationError, Problem

Finding = tuple[Path, str, str]
_OF_MANY = re.compile(r"(list|dict)[\[(](?:str, )?(.*)[\])]")
"""``list[V1Container]``; ``dict[str, str]``, in earlier versions ``dict(str, str)``."""


def problems(config: SourceConfig, tree: Tree) -> list[Problem]:
    """What Kubernetes' models refuse of the pods in a source, where they are written; nothing without its package."""
    if not installed():
        return []
    pods = {("tables", name): table.executor_config for name, table in config.tables.items()}
    found: dict[tuple[Path, str], Problem] = {}
    for place, written in pods.items():
        for below, message, remedy in wrong(written.get(POD, {})):
            path = ("executor_config", POD, *below)
            where = (*(place if (*place, "executor_config") in tree.lines else ("defaults",)), *path)
            found.setdefault((where, message), tree.problem(where, message, remedy))
    return list(found.values())


def installed() -> bool:
    """Whether the package ``kubernetes`` is there; it isn't imported."""
    return find_spec("kubernetes") is not None


def require(config: SourceConfig, file: str) -> None:
    """Raise ``ConfigurationError`` where a pod is written and Kubernetes' package isn't there to make one."""
    if installed():
        return
    for name, table in config.tables.items():
        if table.executor_config:
            message = "needs the Python package kubernetes, which is not installed here"
            remedy = 'pip install "floodmark[kubernetes]", where DAG files are parsed and where tasks run'
            problem = Problem(file=file, path=f"tables.{name}.executor_config", message=message, remedy=remedy)
            raise ConfigurationError([problem])


def pod(document: Mapping[str, Any]) -> Any:
    """``kubernetes.client.models.V1Pod`` of a document in which nothing is wrong.

    It has a client's configuration of its own: the process's own one, in a cluster, can't be pickled, and Airflow
    sends pods between processes.
    """
    from kubernetes.client import ApiClient, Configuration

    spec = document.get("spec")
    whole = document if spec is None else {**document, "spec": {"containers": [], **spec}}
    with ApiClient(configuration=Configuration()) as client:
        return client.deserialize(SimpleNamespace(data=json.dumps(whole)), "V1Pod")


def wrong(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What the models of the client refuse; paths are below the pod."""
    yield from _of_model(document, "V1Pod", ())


def _of_model(value: Any, kind: str, path: Path) -> Iterator[Finding]:
    from kubernetes.client import models

    model = getattr(models, kind)
    if not isinstance(value, dict):
        yield path, "is not a mapping", "write key: value"
        return
    kinds = {model.attribute_map[name]: of for name, of in model.openapi_types.items()}
    for key, item in value.items():
        if key in kinds:
            yield from _of_kind(item, kinds[key], (*path, key))
        else:
            near = difflib.get_close_matches(key, kinds, n=1)
            yield (*path, key), "unknown key", f'did you mean "{near[0]}"?' if near else f"known: {', '.join(kinds)}"
    for key in _required(model, kind):
        if key not in value:
            yield path, f"has no {key}", "write it: Kubernetes takes none without"


def _required(model: Any, kind: str) -> Iterator[str]:
    """The keys that a model refuses to be without, as a document calls them; a pod's containers are Airflow's own."""
    from kubernetes.client import Configuration

    checks = Configuration()
    checks.client_side_validation = False
    empty = model(local_vars_configuration=checks)
    checks.client_side_validation = True
    for name, key in model.attribute_map.items():
        if (kind, name) == ("V1PodSpec", "containers"):
            continue
        try:
            setattr(empty, name, None)
        except ValueError:
            yield key


def _of_kind(value: Any, kind: str, path: Path) -> Iterator[Finding]:
    if many := _OF_MANY.fullmatch(kind):
        yield from _of_many(value, many[1], many[2], path)
    elif kind[0].isupper():
        yield from _of_model(value, kind, path)
    elif kind in _FITS and not _FITS[kind](value):
        yield path, f"is no {_WORDS[kind][0]}", _WORDS[kind][1]


def _of_many(value: Any, shape: str, kind: str, path: Path) -> Iterator[Finding]:
    if shape == "list" and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _of_kind(item, kind, (*path, number))
    elif shape == "dict" and isinstance(value, dict):
        for key, item in value.items():
            yield from _of_kind(item, kind, (*path, key))
    else:
        yield path, "is not a list" if shape == "list" else "is not a mapping", "write it as Kubernetes has it"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_WORDS = {
    "str": ("text", "a word such as true is a text only in quotes"),
    "int": ("whole number", "write digits only"),
    "float": ("number", "write digits only"),
    "bool": ("true or false", "write true or false, without quotes"),
    "datetime": ("moment", "write it as in 2026-11-01T00:00:00Z"),
}
_FITS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str) or _is_number(value),
    "int": lambda value: (
        (_is_number(value) and isinstance(value, int)) or (isinstance(value, str) and value.isdecimal())
    ),
    "float": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "datetime": lambda value: isinstance(value, str) and _is_moment(value),
}
