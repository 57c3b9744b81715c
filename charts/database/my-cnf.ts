import { settingsCnf } from '../../config/database-settings';
import type { Config } from '../../config/schema';
import { sizesOf } from '../../config/sizes';
import { port } from '../topology';
import { groupCnf } from './group-cnf';
import { DATA_PATH, SOCKET, TLS_PATH, TMP_PATH } from './layout';
import { pairCnf } from './pair-cnf';

/**
 * The my.cnf of every database, primary or replica. The role is set at the start and never written here, so a
 * server without a role is read-only.
 * @see https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html
 */
export function myCnf(config: Config): string {
  const { database } = config;
  const sizes = sizesOf(database);
  return `[mysqld]
datadir = ${DATA_PATH}
tmpdir = ${TMP_PATH}
socket = ${SOCKET}
pid_file = mysqld.pid
port = ${port('database', 'mysql')}
bind_address = *
mysqlx = OFF
skip_name_resolve = ON
local_infile = OFF
secure_file_priv = NULL
character_set_server = utf8mb4
collation_server = ${database.collation}
# replication is row-based, so the app may create functions without SUPER
log_bin_trust_function_creators = ON

# TLS for every connection except the socket
require_secure_transport = ON
tls_version = TLSv1.2,TLSv1.3
ssl_ca = ${TLS_PATH}/ca.crt
ssl_cert = ${TLS_PATH}/tls.crt
ssl_key = ${TLS_PATH}/tls.key
auto_generate_certs = OFF
caching_sha2_password_auto_generate_rsa_keys = OFF
loose_sha256_password_auto_generate_rsa_keys = OFF

# no acknowledged write is lost: redo log and binary log are synced at each commit
innodb_flush_log_at_trx_commit = 1
sync_binlog = 1
innodb_doublewrite = ON
# the clone plugin copies only InnoDB
disabled_storage_engines = MyISAM,ARCHIVE,BLACKHOLE,FEDERATED,EXAMPLE

# replication by GTID; a start alone makes a server neither a primary nor a replica
gtid_mode = ON
enforce_gtid_consistency = ON
super_read_only = ON
skip_replica_start = ON
log_bin = binlog
max_binlog_size = ${Math.min(100, Math.floor(sizes.binaryLogs / 8))}M
# three days, and no more bytes than follow.sh keeps; a replica that was away longer is cloned again
binlog_expire_logs_seconds = 259200
relay_log = relay
replica_preserve_commit_order = ON
# a lost primary is noticed after 10 s; the first reconnect comes 10 s later
replica_net_timeout = 10
plugin_load_add = mysql_clone.so
${database.topology === 'group' ? groupCnf(config) : pairCnf(config)}
loose_clone_ssl_ca = ${TLS_PATH}/ca.crt
# the donor drops a dead recipient at once, so that its next attempt is accepted
loose_clone_donor_timeout_after_network_failure = 0
loose_clone_max_concurrency = 4

# automatic sizes follow the pod's limits, not the node
loose_container_aware = ON
# derived from memory limit (${database.resources.limits.memory}) and volume (${database.storage.size})
innodb_buffer_pool_size = ${sizes.bufferPool}M
replica_parallel_workers = ${sizes.appliers}
innodb_redo_log_capacity = ${sizes.redoLog}M
innodb_log_buffer_size = 16M
# needs a system call that the seccomp profile forbids
innodb_numa_interleave = OFF
temptable_max_ram = ${sizes.temporaryTables}M
max_connections = ${sizes.connections}
key_buffer_size = 1M

# metrics for the monitoring client, without 150 MiB of histories
performance_schema_digests_size = 1000
performance_schema_error_size = 0
performance_schema_accounts_size = 32
performance_schema_hosts_size = 128
performance_schema_users_size = 32
performance_schema_events_statements_history_long_size = 100
performance_schema_events_stages_history_long_size = 100
performance_schema_events_transactions_history_long_size = 100
performance_schema_events_waits_history_long_size = 100

# errors go to stderr. Slow statements are counted and summed by digest, not logged: their text contains visitors' data
log_error_verbosity = 2
long_query_time = 1
# the databases' CA is private; accounts exist at every start but the first
log_error_suppression_list = MY-010068,MY-010235
${own(database.settings)}`;
}

/** Variables of `database.settings`, last. */
function own(settings: Config['database']['settings']): string {
  const lines = settingsCnf(settings);
  return lines && `\n# database.settings\n${lines}`;
}
