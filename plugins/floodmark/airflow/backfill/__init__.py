"""``airflow dags backfill`` on Airflow 3."""
