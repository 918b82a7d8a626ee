"""Whether there is an Airflow here that can be asked, and what is said of one that broke off."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from floodmark.adapters.local_airflow.floors import AIRFLOW
from floodmark.errors import RetriableError

_DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
"""Airflow takes it from a command or a secrets backend too (its documentation, "Setting Configuration Options")."""
_ERROR = re.compile(r"(?:\w+\.)+\w+|\w+(?:Error|Exception)")


def python(*words: str) -> list[str]:
    """A command of this Python's. It finds the modules that this process does.

    ``-m`` alone would look into the folder in which the command is typed first, where a project's own ``airflow/`` may
    lie.
    """
    looked_into = not {"", str(Path.cwd())}.isdisjoint(sys.path)
    return [sys.executable, *([] if looked_into else ["-P"]), *words]


def answer(*words: str, what: str, timeout: int = 60) -> str:
    """What a command of this Python's printed. ``what`` begins the words of an error.

    Raises ``RetriableError`` where it failed, or said nothing within so many seconds: Airflow takes its time to be
    imported.
    """
    try:
        done = subprocess.run(
            python(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise RetriableError(f"{what}: no answer within {timeout} s") from None
    if done.returncode:
        raise RetriableError(f"{what}: {reason(done.stderr or done.stdout)}")
    return done.stdout


def reason(said: str) -> str:
    """Why a process of Airflow's failed: its last line; of a traceback the kind of error alone.

    An error's own words may hold what it was about: SQLAlchemy 1.4 repeats a URL that it can't read, password and all.
    """
    lines = said.strip().splitlines() or ["no word"]
    if not any(line.startswith("Traceback") for line in lines):
        return lines[-1]
    kinds = [line.partition(":")[0] for line in lines]
    return next((kind for kind in reversed(kinds) if _ERROR.fullmatch(kind)), "it broke off")


def is_set_up() -> bool:
    """Whether an Airflow is installed here that knows its database: without one Airflow would make itself a new one."""
    try:
        version(AIRFLOW)
    except PackageNotFoundError:
        return False
    home = os.environ.get("AIRFLOW_HOME") or "~/airflow"
    file = os.path.expanduser(os.environ.get("AIRFLOW_CONFIG") or os.path.join(home, "airflow.cfg"))
    return any(f"{_DATABASE}{how}" in os.environ for how in ("", "_CMD", "_SECRET")) or os.path.exists(file)
