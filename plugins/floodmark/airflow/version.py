"""Which Airflow this is. Everything that differs between 2.11 and 3 asks here; docs/airflow-versions.md lists it."""

from __future__ import annotations

from airflow import __version__

AIRFLOW_2 = __version__.startswith("2.")
