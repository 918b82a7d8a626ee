"""Floodmark: hourly, provable sync from an operational database into BigQuery, on Apache Airflow."""

__version__ = "0.1.0"
