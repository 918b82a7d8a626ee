"""The steps in order, as the data flows. Knows no Airflow."""
