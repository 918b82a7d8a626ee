-- How long the server has been up, in seconds, and how far its log has come and is on disk (R3).
SHOW GLOBAL STATUS WHERE variable_name IN (
    'Uptime', 'Innodb_lsn_current', 'Innodb_lsn_flushed', 'Innodb_redo_log_current_lsn',
    'Innodb_redo_log_flushed_to_disk_lsn'
)
