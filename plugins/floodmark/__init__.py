"""Floodmark: hourly, provable sync from an operational database into BigQuery, on Apache Airflow."""

__version__ = "0.2.0"
