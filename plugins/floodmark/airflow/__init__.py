"""The only place that imports Airflow. A DAG file needs three lines::

    from floodmark.airflow import dags

    globals().update(dags(__file__))

One set of DAGs is made for each YAML file in ``sources/`` beside it.
"""

from __future__ import annotations

from floodmark.airflow.dag_file import check, dags

__all__ = ["check", "dags"]
