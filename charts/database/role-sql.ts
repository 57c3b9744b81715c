import type { Config } from '../../config/schema';
import { whenReplicaIsLost } from './servers';

/** Longest delay of a server that still answers reads, in seconds. */
const MOST_LAG = 10;

const LAG = `(SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6))), 0)
    FROM performance_schema.replication_applier_status_by_worker WHERE APPLYING_TRANSACTION <> '')`;

/** Whether a server of `primary-replica` is the primary: other than `read_only`, also while it gives way to a clone. */
export const LEADS = '@@global.rpl_semi_sync_source_enabled';

const PRIMARY = `IF(@@global.read_only = 0, 'primary', 'none read-only, but this is the primary')`;

// A receiver that cannot reach the primary (client errors are 2000 and above) is no fault of the replica's: whoever reads
// still can. One that a running primary refuses would fall behind without end; 1053 is a primary that stops.
const REPLICA = `(SELECT CASE
  WHEN @@global.super_read_only = 0 THEN 'none writable, but this is a replica'
  WHEN receiver.SERVICE_STATE = 'OFF' OR receiver.LAST_ERROR_NUMBER BETWEEN 1 AND 1999 AND receiver.LAST_ERROR_NUMBER <> 1053
    THEN CONCAT('none receives nothing: ', receiver.LAST_ERROR_MESSAGE)
  WHEN applier.SERVICE_STATE = 'OFF' THEN CONCAT('none applies nothing: ', (SELECT GROUP_CONCAT(LAST_ERROR_MESSAGE SEPARATOR ' ')
    FROM performance_schema.replication_applier_status_by_worker))
  WHEN ${LAG} > ${MOST_LAG} THEN 'none more than ${MOST_LAG} s behind the primary'
  ELSE 'replica' END
FROM performance_schema.replication_connection_status receiver
JOIN performance_schema.replication_applier_status applier USING (CHANNEL_NAME) WHERE CHANNEL_NAME = '')`;

// A member on the smaller side of a cut believes in its role for some seconds more: only a majority counts.
const MEMBER = `(SELECT CASE
  WHEN me.MEMBER_STATE <> 'ONLINE' THEN CONCAT('none ', me.MEMBER_STATE, ' in the group')
  WHEN (SELECT 2 * SUM(MEMBER_STATE IN ('ONLINE', 'RECOVERING')) <= COUNT(*) FROM performance_schema.replication_group_members)
    THEN 'none reaches no majority of the group'
  WHEN me.MEMBER_ROLE = 'PRIMARY' THEN IF(@@global.super_read_only = 0, 'primary', 'none read-only, but this is the primary')
  WHEN ${LAG} > ${MOST_LAG} THEN 'none more than ${MOST_LAG} s behind the primary'
  ELSE 'replica' END
FROM performance_schema.replication_group_members me WHERE me.MEMBER_ID = @@server_uuid)`;

/**
 * Asks a server for what it may be used: \`primary\`, \`replica\`, or \`none\` and why not.
 * @param ordinal shell expression: the number in the server's name
 */
export const roleSql = ({ database }: Config, ordinal: string): string =>
  `SELECT REPLACE(${database.topology === 'group' ? MEMBER : `IF(${ordinal} = 0, ${PRIMARY}, ${REPLICA})`}, '\\n', ' ')`;

const STATUS: Readonly<Record<string, string>> = {
  Uptime: 'uptime_seconds',
  Threads_connected: 'threads_connected',
  Threads_running: 'threads_running',
  Rpl_semi_sync_source_clients: 'semi_sync_clients',
};

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** A server's figures for Prometheus, a row each. Those of the other topology, or of the other role, are absent. */
export const FIGURES = [
  `SELECT CONCAT('database_read_only ', @@global.read_only)`,
  `SELECT CONCAT('database_max_connections ', @@global.max_connections)`,
  `SELECT CONCAT('database_', ELT(FIELD(VARIABLE_NAME, ${quoted(Object.keys(STATUS))}), ${quoted(Object.values(STATUS))}), ' ', VARIABLE_VALUE)
    FROM performance_schema.global_status WHERE VARIABLE_NAME IN (${quoted(Object.keys(STATUS))})`,
  // told as text, in UTC whatever the session's time zone is
  `SELECT CONCAT('database_certificate_not_after_seconds ',
    TIMESTAMPDIFF(SECOND, '1970-01-01', STR_TO_DATE(VARIABLE_VALUE, '%b %e %H:%i:%s %Y GMT')))
    FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Ssl_server_not_after' AND VARIABLE_VALUE <> ''`,
  `SELECT CONCAT('database_semi_sync_source_active ', VARIABLE_VALUE = 'ON')
    FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_status'`,
  `SELECT CONCAT('database_semi_sync_source_enabled ', VARIABLE_VALUE = 'ON')
    FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'rpl_semi_sync_source_enabled'`,
  `SELECT CONCAT('database_replica_receiver_running ', SERVICE_STATE = 'ON')
    FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''`,
  `SELECT CONCAT('database_replica_applier_running ', SERVICE_STATE = 'ON')
    FROM performance_schema.replication_applier_status WHERE CHANNEL_NAME = ''`,
  `SELECT CONCAT('database_replica_lag_seconds ', ${LAG}) FROM DUAL
    WHERE EXISTS (SELECT * FROM performance_schema.replication_applier_status)`,
  `SELECT CONCAT('database_group_member_online ', MEMBER_STATE = 'ONLINE')
    FROM performance_schema.replication_group_members WHERE MEMBER_ID = @@server_uuid`,
  `SELECT CONCAT('database_group_members_online ', SUM(MEMBER_STATE = 'ONLINE'))
    FROM performance_schema.replication_group_members HAVING COUNT(*) > 0`,
].join(' UNION ALL ');

/** Figures that the configuration alone tells. */
export const wantedFigures = ({ database }: Config, servers: number): string =>
  database.topology === 'group'
    ? `database_group_size ${servers}\n`
    : `database_semi_sync_required ${whenReplicaIsLost(database) === 'block' ? 1 : 0}\n`;
