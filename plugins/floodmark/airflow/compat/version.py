"""Which Airflow this is. Everything that differs among versions asks here; docs/airflow-versions.md lists it."""

from __future__ import annotations

from importlib import metadata

from airflow import __version__
from floodmark.adapters.local_airflow import floors
from floodmark.errors import ConfigurationError

VERSION = tuple(int(part) for part in __version__.split(".")[:2])
"""``(major, minor)``."""
AIRFLOW_2 = VERSION < (3,)


def require() -> None:
    """Refuse an Airflow, or a common-compat provider, that is too old. Raises ``ConfigurationError`` with both.

    Asked before anything of ours that needs them is imported: what would fail there is an import that names neither.
    """
    found = (floors.problem(floors.AIRFLOW, __version__), floors.problem(floors.COMPAT, _installed(floors.COMPAT)))
    if problems := [problem for problem in found if problem]:
        raise ConfigurationError(problems)


def _installed(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
