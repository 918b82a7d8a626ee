-- What the server says of itself, and under which name it says so; what it doesn't know is left out.
SHOW GLOBAL VARIABLES WHERE variable_name IN (
    'server_uuid', 'server_id', 'hostname', 'port', 'read_only', 'innodb_read_only', 'wsrep_on', 'wsrep_provider',
    'group_replication_group_name', 'gtid_slave_pos', 'gtid_current_pos', 'gtid_binlog_pos', 'gtid_binlog_state',
    'gtid_executed'
)
