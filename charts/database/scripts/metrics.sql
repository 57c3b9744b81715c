-- A server's metrics for Prometheus, a row each. Metrics of the other topology or of the other role are absent.
-- Needs @lag (lag.sql).
SELECT CONCAT('database_read_only ', @@global.read_only)
UNION ALL
SELECT CONCAT('database_max_connections ', @@global.max_connections)
UNION ALL
SELECT CONCAT('database_', IF(VARIABLE_NAME = 'Uptime', 'uptime_seconds', LOWER(VARIABLE_NAME)), ' ', VARIABLE_VALUE)
  FROM performance_schema.global_status WHERE VARIABLE_NAME IN ('Uptime', 'Threads_connected', 'Threads_running')
UNION ALL
SELECT CONCAT('database_semi_sync_clients ', VARIABLE_VALUE)
  FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_clients'
UNION ALL
-- the server writes it as text, in UTC whatever the session's time zone is
SELECT CONCAT('database_certificate_not_after_seconds ',
    TIMESTAMPDIFF(SECOND, '1970-01-01', STR_TO_DATE(VARIABLE_VALUE, '%b %e %H:%i:%s %Y GMT')))
  FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Ssl_server_not_after' AND VARIABLE_VALUE <> ''
UNION ALL
SELECT CONCAT('database_semi_sync_source_active ', VARIABLE_VALUE = 'ON')
  FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_status'
UNION ALL
SELECT CONCAT('database_semi_sync_source_enabled ', VARIABLE_VALUE = 'ON')
  FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'rpl_semi_sync_source_enabled'
UNION ALL
SELECT CONCAT('database_replica_receiver_running ', SERVICE_STATE = 'ON')
  FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''
UNION ALL
SELECT CONCAT('database_replica_applier_running ', SERVICE_STATE = 'ON')
  FROM performance_schema.replication_applier_status WHERE CHANNEL_NAME = ''
UNION ALL
SELECT CONCAT('database_replica_lag_seconds ', @lag) FROM DUAL
  WHERE EXISTS (SELECT * FROM performance_schema.replication_applier_status)
UNION ALL
SELECT CONCAT('database_group_member_online ', MEMBER_STATE = 'ONLINE')
  FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid
UNION ALL
SELECT CONCAT('database_group_members_online ', SUM(MEMBER_STATE = 'ONLINE'))
  FROM performance_schema.replication_group_members HAVING COUNT(*) > 0;
