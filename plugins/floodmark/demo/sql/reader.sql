-- The role that reads a source: SELECT, and the right to see how long others' transactions have been open (R5).
CREATE ROLE {role} LOGIN PASSWORD {password} IN ROLE pg_read_all_stats;
