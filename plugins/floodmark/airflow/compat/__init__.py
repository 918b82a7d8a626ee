"""What differs among versions of Airflow."""
