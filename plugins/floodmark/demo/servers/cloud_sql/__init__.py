"""Cloud SQL's Admin API on this machine, before a PostgreSQL of one's own: exports, operations, executeSql."""
