"""What Airflow's web server shows: imported by nothing else."""
