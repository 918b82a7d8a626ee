"""Shows every problem of sources/ as Airflow's import error of this file, which has no DAG to take down with it."""

from floodmark.airflow import check

check(__file__)
