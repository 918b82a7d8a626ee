"""A Variable of the Airflow that is installed here, read by a process without a supervisor."""

from __future__ import annotations

import os

from floodmark.errors import ConfigurationError, Problem


def of_database(variable: str) -> str:
    """What ``AIRFLOW_VAR_<NAME>`` holds, else Airflow's database or secrets backend.

    Raises ``ConfigurationError`` where there is none, or no Airflow.
    """
    if (written := os.environ.get(f"AIRFLOW_VAR_{variable.upper()}")) is not None:
        return written
    try:
        from airflow.models.variable import Variable
    except ImportError:
        raise missing(variable, "; there is no Airflow here that could have it") from None
    try:
        return str(Variable.get(variable))
    except KeyError:
        raise missing(variable) from None


def missing(variable: str, more: str = "") -> ConfigurationError:
    """Nobody has it."""
    remedy = f"make it under Admin > Variables, or set AIRFLOW_VAR_{variable.upper()}{more}"
    return ConfigurationError([Problem(file=f"Variable {variable}", path="", message="does not exist", remedy=remedy)])
