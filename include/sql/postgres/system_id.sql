-- Which cluster this is. Some services don't let a role call it.
SELECT system_identifier::text FROM pg_catalog.pg_control_system()
