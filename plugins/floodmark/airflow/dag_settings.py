"""What a DAG file gives its DAGs beside the YAML: callbacks, default arguments, access control."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from floodmark.airflow.compat.version import VERSION
from floodmark.errors import ConfigurationError, Problem

_OF_DAG = {
    "dag_id": "source", "schedule": "cadence", "start_date": "start", "catchup": "catchup", "tags": "tags",
    "max_active_runs": "max_active_runs", "max_active_tasks": "max_active_tasks",
}  # fmt: skip
_FIXED = ("doc_md", "end_date", "params", "render_template_as_native_obj", "timetable")
_OF_TASKS = {
    "retries": "retries", "execution_timeout": "timeout", "owner": "owner", "pool": "pool", "queue": "queue",
    "priority_weight": "priority", "pool_slots": "pool_slots", "executor_config": "executor_config",
}  # fmt: skip


_OF_SLICES = ("deadline",)
_DEADLINES = (3, 1)
"""The first Airflow that has them."""


@dataclass(frozen=True, kw_only=True)
class DagSettings:
    """``dag``: keyword arguments of each DAG; ``default_args``: of each of its tasks, before Floodmark's own.

    ``of_slices``: of those DAGs only that read slice by slice; a reload may take as long as it takes.
    """

    dag: Mapping[str, Any] = field(default_factory=dict)
    of_slices: Mapping[str, Any] = field(default_factory=dict)
    default_args: Mapping[str, Any] = field(default_factory=dict)


PLAIN = DagSettings()


def of_call(dag_file: str, given: Mapping[str, Any]) -> DagSettings:
    """The keyword arguments that a DAG file gave. Raises ``ConfigurationError`` for each that YAML decides."""
    default_args = given.get("default_args") or {}
    if not isinstance(default_args, Mapping):
        remedy = 'write a dict, as in {"on_failure_callback": told}'
        raise ConfigurationError([_problem(dag_file, "default_args", "is not a mapping", remedy)])
    problems = [
        *(_decided(dag_file, name, key) for name, key in _OF_DAG.items() if name in given),
        *(_decided(dag_file, f"default_args.{name}", key) for name, key in _OF_TASKS.items() if name in default_args),
        *(_problem(dag_file, name, "is Floodmark's own", "leave it out") for name in _FIXED if name in given),
    ]
    if "deadline" in given and VERSION < _DEADLINES:
        found, first = (".".join(map(str, each)) for each in (VERSION, _DEADLINES))
        message = f"is what Airflow {first} and later have, and this is {found}"
        problems.append(_problem(dag_file, "deadline", message, "leave it out, or upgrade Airflow"))
    elif not _are_deadlines(given.get("deadline")):
        remedy = "write DeadlineAlert(reference=..., interval=..., callback=...), or a list of them"
        problems.append(_problem(dag_file, "deadline", "is no DeadlineAlert", remedy))
    if problems:
        raise ConfigurationError(problems)
    of_slices = {name: given[name] for name in _OF_SLICES if name in given}
    dag = {name: value for name, value in given.items() if name not in ("default_args", *_OF_SLICES)}
    return DagSettings(dag=dag, of_slices=of_slices, default_args=dict(default_args))


def _are_deadlines(given: object) -> bool:
    """Whether Airflow takes it; by what they have, since only some versions have their class."""
    each = given if isinstance(given, list | tuple) else [] if given is None else [given]
    return all(hasattr(one, "interval") and hasattr(one, "callback") for one in each)


def _decided(dag_file: str, name: str, key: str) -> Problem:
    return _problem(dag_file, name, "is decided by the source's YAML", f"write `{key}:` there")


def _problem(dag_file: str, name: str, message: str, remedy: str) -> Problem:
    return Problem(file=Path(dag_file).name, path=name, message=message, remedy=remedy)
