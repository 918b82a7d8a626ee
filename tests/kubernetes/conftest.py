"""Apart from tests/airflow, since the lanes have no Kubernetes: Airflow 2 would load its client in every process."""

from __future__ import annotations

from tests.airflow.conftest import python, write

__all__ = ["python", "write"]
