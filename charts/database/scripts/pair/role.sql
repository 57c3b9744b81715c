-- What this server may be used for: role, state (charts/database/states.ts) and details
-- of it. Needs @lag (lag.sql) and @most_lag.
-- Server 1 is the primary of the pair, by its name.
--
-- A receiver that cannot reach the primary (client errors are 2000 and above) is no fault of the replica: its readers still
-- get answers. A replica refused by a running primary would fall behind forever; 1053 means that the primary is stopping.
SELECT REPLACE(IF(@@global.server_id = 1,
  IF(@@global.read_only = 0, 'primary primary', 'none read-only is the primary, and takes no writes'),
  COALESCE((SELECT CASE
    WHEN @@global.super_read_only = 0 THEN 'none writable is a replica, and takes writes'
    WHEN receiver.SERVICE_STATE = 'OFF' OR receiver.LAST_ERROR_NUMBER BETWEEN 1 AND 1999 AND receiver.LAST_ERROR_NUMBER <> 1053
      THEN CONCAT('none not-receiving ', receiver.LAST_ERROR_MESSAGE)
    WHEN applier.SERVICE_STATE = 'OFF' THEN CONCAT('none not-applying ', COALESCE((SELECT GROUP_CONCAT(LAST_ERROR_MESSAGE SEPARATOR ' ')
      FROM performance_schema.replication_applier_status_by_worker), ''))
    WHEN @lag > @most_lag THEN CONCAT('none lagging more than ', @most_lag, ' s behind the primary')
    ELSE 'replica replica' END
  FROM performance_schema.replication_connection_status receiver
  JOIN performance_schema.replication_applier_status applier USING (CHANNEL_NAME) WHERE CHANNEL_NAME = ''),
  'none catching-up has not begun to follow the primary')), '\n', ' ');
