-- Which server of a cluster this is: no two began to run at the same microsecond.
SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.pg_postmaster_start_time()::text AS started
