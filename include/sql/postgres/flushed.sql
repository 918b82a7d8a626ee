-- Whether the log is on disk up to a position (R3).
SELECT pg_catalog.pg_current_wal_flush_lsn() >= {{ lsn | literal }}::pg_lsn
