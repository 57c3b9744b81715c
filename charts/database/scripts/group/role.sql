-- What this member may be used for: `primary`, `replica`, or `none` and why not. Needs @lag (lag.sql) and @most_lag.
--
-- A member on the smaller side of a cut believes in its role for some seconds more: only a majority counts.
SELECT REPLACE((SELECT CASE
    WHEN me.MEMBER_STATE <> 'ONLINE' THEN CONCAT('none ', me.MEMBER_STATE, ' in the group')
    WHEN (SELECT 2 * SUM(MEMBER_STATE IN ('ONLINE', 'RECOVERING')) <= COUNT(*) FROM performance_schema.replication_group_members)
      THEN 'none reaches no majority of the group'
    WHEN me.MEMBER_ROLE = 'PRIMARY' THEN IF(@@global.super_read_only = 0, 'primary', 'none read-only, but this is the primary')
    WHEN @lag > @most_lag THEN CONCAT('none more than ', @most_lag, ' s behind the primary')
    ELSE 'replica' END
  FROM performance_schema.replication_group_members me WHERE me.MEMBER_ID = @@server_uuid), '\n', ' ');
