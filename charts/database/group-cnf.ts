import { createHash } from 'node:crypto';
import type { Config } from '../../config/schema';
import { sizesOf } from '../../config/sizes';
import { port } from '../topology';
import { memberOf, TLS_PATH } from './layout';
import { mayWriteTogether, serversOf } from './servers';

/** The group's name, a UUID derived from the site's name, so two sites never share a group. */
function groupName({ name }: Config): string {
  const hex = createHash('sha256').update(`threewall group ${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/**
 * Settings of a group member. The server never starts the plugin by itself: join.sh decides when a member may
 * join and when one may bootstrap the group. `loose_`, because `mysqld --initialize` runs without the plugin.
 * @see https://dev.mysql.com/doc/refman/9.7/en/group-replication-options.html
 */
export function groupCnf(config: Config): string {
  const { database, cluster } = config;
  const together = mayWriteTogether(database);
  const seeds = Array.from(
    { length: serversOf(database) },
    (_, n) => `${memberOf(String(n), config)}:${port('database', 'group')}`,
  );
  return `plugin_load_add = group_replication.so
loose_group_replication_group_name = ${groupName(config)}
loose_group_replication_start_on_boot = OFF
loose_group_replication_group_seeds = ${seeds.join(',')}
# the database firewall limits who connects, and peers need a certificate of the databases' CA
loose_group_replication_ip_allowlist = ${cluster.podCidrs.join(',')}
loose_group_replication_ssl_mode = VERIFY_CA
loose_group_replication_recovery_use_ssl = ON
loose_group_replication_recovery_ssl_ca = ${TLS_PATH}/ca.crt
loose_group_replication_recovery_ssl_verify_server_cert = ON
loose_group_replication_single_primary_mode = ${together ? 'OFF' : 'ON'}
loose_group_replication_enforce_update_everywhere_checks = ${together ? 'ON' : 'OFF'}
# bytes, part of the memory limit
loose_group_replication_message_cache_size = ${sizesOf(database).groupCache * 2 ** 20}
# a member is suspected after 5 s of silence and then expelled at once
loose_group_replication_member_expel_timeout = 0
# a primary without a majority aborts pending writes after 5 s, and takes none
loose_group_replication_unreachable_majority_timeout = 5
# not OFFLINE_MODE: the others must be able to query its transactions. The routers close the sessions
loose_group_replication_exit_state_action = READ_ONLY
# join.sh starts it
loose_group_replication_autorejoin_tries = 0
# a new primary answers only when it has applied all transactions that the old one acknowledged
loose_group_replication_consistency = BEFORE_ON_PRIMARY_FAILOVER
relay_log_recovery = ON
# a group takes no row of a table without a primary key: one that is made without gets an invisible one
sql_generate_invisible_primary_key = ON`;
}
