"""Cloud SQL for PostgreSQL by its Admin API: exports and executeSql, without a connection to the database."""
