import type { Config } from '../../config/schema';
import { whenReplicaIsLost } from './servers';

/**
 * Semi-synchronous replication: a commit is acknowledged when a replica has it in its relay log.
 * Without a replica, the primary waits forever (`block`: the longest possible time-out, 49 days) or one second
 * (`continue`).
 *
 * With `block` a confirmed transaction may exist only in a relay log, so that log is synced to disk before the
 * confirmation, and a restart keeps it. With `continue` the primary has it, and a relay log torn by a crash is fetched
 * again.
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
