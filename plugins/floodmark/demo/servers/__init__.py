"""Servers on this machine: PostgreSQL, Cloud Storage, BigQuery, Airflow. The tests' too."""
