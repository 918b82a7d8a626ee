"""Python and packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from floodmark import __version__
from floodmark.adapters.local_airflow import floors
from floodmark.cli.findings.finding import Finding, failed, ok, warning

OLDEST_PYTHON = (3, 11)
PACKAGES = (
    "adbc-driver-postgresql", "psycopg2-binary", "pyarrow", "sqlalchemy", "google-cloud-bigquery",
    "google-cloud-storage",
)  # fmt: skip
AIRFLOWS = (
    floors.AIRFLOW, "apache-airflow-providers-google", "apache-airflow-providers-postgres", floors.COMPAT,
)  # fmt: skip


def environment() -> Iterator[Finding]:
    """Python and packages."""
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        yield ok("python", python)
    else:
        yield failed("python", python, "use 3.11 or later")
    yield ok("floodmark", __version__)
    for name in PACKAGES:
        yield _package(name) or failed(name, "is not installed", "pip install floodmark")
    if driver := _package("pymysql"):  # without it, a source of MySQL says so itself
        yield driver
    for name in AIRFLOWS:
        found = _package(name)
        if found is None:
            yield warning(name, "is not installed", "only DAGs need it: pip install 'floodmark[airflow]'")
        elif name in floors.FLOORS and (problem := floors.problem(name, found.said)):
            yield failed(name, problem.message, problem.remedy)
        else:
            yield found


def _package(name: str) -> Finding | None:
    for installed in (name, name.removesuffix("-binary")):
        try:
            return ok(name, version(installed))
        except PackageNotFoundError:
            continue
    return None
