"""The Airflow that is installed here, as a command asks it: its versions, its pools, its Variables."""
