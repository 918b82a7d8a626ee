"""The table of XComs, as a web server reads it: Airflow 2 keeps text there, Airflow 3 JSON."""

from __future__ import annotations

import json
from typing import Any

from floodmark.airflow.compat.version import AIRFLOW_2


def table() -> Any:
    """Its model."""
    if AIRFLOW_2:
        from airflow.models.xcom import BaseXCom

        return BaseXCom
    from airflow.models.xcom import XComModel

    return XComModel


def plain(value: Any) -> Any:
    """What was pushed, of a column ``value``; None where it isn't JSON: a pickle, or another backend's reference."""
    if not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
