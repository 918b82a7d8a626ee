"""Connections: Airflow's URIs, libpq's fields, and where state lies."""
