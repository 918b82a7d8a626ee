"""``executor_config`` as it is written: what Kubernetes' pod of a task has beside, or otherwise than, the others'."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from floodmark.core.refused import Refused

POD = "pod_override"
CONTAINER = "base"
"""How Airflow calls the container that runs a task, which comes first."""
_REMEDY = "write {pod_override: {spec: ...}}, a pod as Kubernetes has it"
_PARTS = ("apiVersion", "kind", "metadata", "spec")
_IS = {"apiVersion": "v1", "kind": "Pod"}


def parse(value: object) -> dict[str, Any]:
    """``{pod_override: a pod}``, as it is. Whether Kubernetes knows its keys is seen where its package is there."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", _REMEDY)
    if set(value) != {POD} or not isinstance(value[POD], dict):
        raise Refused(f"has not {POD} alone, with a pod below it", _REMEDY)
    return value


def findings(config: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What is wrong with it by itself; paths are below ``executor_config``."""
    pod = config.get(POD, {})
    for key, value in pod.items():
        if key not in _PARTS:
            yield (POD, key), "is no part of a pod", f"write one of: {', '.join(_PARTS)}"
        elif key in _IS and value != _IS[key]:
            yield (POD, key), f'"{value}" is not what a pod has', f"write {_IS[key]}, or take it out"
        elif key not in _IS and not isinstance(value, dict):
            yield (POD, key), "is not a mapping", "write key: value"
    spec = pod.get("spec")
    containers = spec.get("containers") if isinstance(spec, dict) else None
    first = containers[0] if isinstance(containers, list) and containers else None
    if isinstance(first, dict) and first.get("name") != CONTAINER:
        message = f'begins with a container "{first.get("name", "")}", and the first one runs the task'
        yield (POD, "spec", "containers"), message, f"begin with {{name: {CONTAINER}, ...}}; others come after it"


def text(config: Mapping[str, Any]) -> str:
    """The same text for the same pod: by it tables are told that can share a task."""
    return json.dumps(config, sort_keys=True)
