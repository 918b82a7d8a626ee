-- What decides whether seals can be proved here (R5, R8), as our role sees it. One row.
SELECT current_user::text,
       current_setting('server_version'),
       current_database()::text,
       pg_is_in_recovery(),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       current_setting('track_activities')::boolean,
       current_setting('hot_standby_feedback')::boolean,
       (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())::int
