"""Whether there is an Airflow here that can be asked."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from floodmark.adapters.local_airflow.floors import AIRFLOW


def is_set_up() -> bool:
    """Whether an Airflow is installed here that knows its database: without one Airflow would make itself a new one."""
    try:
        version(AIRFLOW)
    except PackageNotFoundError:
        return False
    home = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
    return "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" in os.environ or (home / "airflow.cfg").exists()
