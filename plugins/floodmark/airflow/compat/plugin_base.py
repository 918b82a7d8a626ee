"""The base class of a plugin. Airflow 3.3 has two: a task's own, and core's, which loads settings and models."""

from __future__ import annotations

import sys
from typing import Any


def plugin_base() -> Any:
    """The class of whoever loads plugins here. Either takes a plugin of the other by the base's name."""
    if "airflow.sdk.plugins_manager" in sys.modules and "airflow.plugins_manager" not in sys.modules:
        from airflow.sdk import plugins_manager as of_task

        return of_task.AirflowPlugin
    from airflow.plugins_manager import AirflowPlugin

    return AirflowPlugin


def in_airflow_2_web_server() -> bool:
    """Whether this is one, in which Flask is there already; anywhere else it would take seconds."""
    return "airflow.www.app" in sys.modules
