-- What this member may be used for: role, state (charts/database/states.ts) and details
-- of it. Needs @lag (lag.sql) and @most_lag.
--
-- A member on the smaller side of a network partition keeps its role for some seconds: only a majority counts.
SELECT REPLACE(COALESCE((SELECT CASE
    WHEN me.MEMBER_STATE <> 'ONLINE' THEN CONCAT('none outside ', me.MEMBER_STATE, ' in the group')
    WHEN (SELECT 2 * SUM(MEMBER_STATE IN ('ONLINE', 'RECOVERING')) <= COUNT(*) FROM performance_schema.replication_group_members)
      THEN 'none minority reaches no majority of the group'
    WHEN me.MEMBER_ROLE = 'PRIMARY' THEN IF(@@global.super_read_only = 0, 'primary primary', 'none read-only is the primary, and takes no writes')
    WHEN @lag > @most_lag THEN CONCAT('none lagging more than ', @most_lag, ' s behind the primary')
    ELSE 'replica replica' END
  FROM performance_schema.replication_group_members me WHERE me.MEMBER_ID = @@server_uuid),
  'none outside OFFLINE in the group'), '\n', ' ');
