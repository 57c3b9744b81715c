import type { Config } from '../../config/schema';
import { whenReplicaIsLost } from './servers';

/**
 * What primary and replicas need to lose nothing together: a commit is acknowledged when a replica has it in its relay log.
 * Without one, the primary waits for ever (`block`: the time-out is the longest there is, 49 days) or for a second (`continue`).
 *
 * With `block` a confirmed transaction may be nowhere but in a relay log, so that log is on the disk before the
 * confirmation, and a restart keeps it. Otherwise the primary is sure to have it, and a log that a crash may have torn is fetched again.
 * @see https://dev.mysql.com/doc/refman/9.7/en/replication-semisync.html
 */
export function pairCnf({ database }: Config): string {
  const block = whenReplicaIsLost(database) === 'block';
  return `plugin_load_add = semisync_source.so
plugin_load_add = semisync_replica.so
loose_rpl_semi_sync_replica_enabled = ON
loose_rpl_semi_sync_source_wait_point = AFTER_SYNC
loose_rpl_semi_sync_source_wait_for_replica_count = 1
loose_rpl_semi_sync_source_wait_no_replica = ${block ? 'ON' : 'OFF'}
loose_rpl_semi_sync_source_timeout = ${block ? 4294967295 : 1000}
relay_log_recovery = ${block ? 'OFF' : 'ON'}
sync_relay_log = ${block ? 1 : 10000}`;
}
