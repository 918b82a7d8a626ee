"""The only place that imports Airflow."""
