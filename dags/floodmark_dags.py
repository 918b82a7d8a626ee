"""One set of DAGs for each YAML file in sources/: Airflow looks for the words airflow and dag in this file."""

from floodmark.airflow import dags

globals().update(dags(__file__))
