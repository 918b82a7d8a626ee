"""The only place that imports Airflow. A DAG file needs three lines::

    from floodmark.airflow import dags

    globals().update(dags(__file__))

One set of DAGs is made for each YAML file in ``sources/`` beside it; or, by ``dags(__file__, variable="shop")``, for
the source that an Airflow Variable holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from floodmark.airflow.dag_file import check, dags
    from floodmark.airflow.sensor import FloodmarkSealedSensor

__all__ = ["FloodmarkSealedSensor", "check", "dags"]


def __getattr__(name: str) -> Any:
    """Import them when they are asked for: every ``airflow`` command loads this package for one of its commands.

    Raises ``ConfigurationError`` where Airflow is too old: the import error of the DAG file that asked.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from floodmark.airflow.compat import version

    version.require()
    if name == "FloodmarkSealedSensor":
        from floodmark.airflow import sensor

        return sensor.FloodmarkSealedSensor
    from floodmark.airflow import dag_file

    return getattr(dag_file, name)
