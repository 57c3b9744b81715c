import type { Config } from '../../config/schema';
import { sizesOf } from '../../config/sizes';
import { CONF_PATH } from '../paths';
import { port } from '../topology';
import { ACCOUNT_NAMES } from './accounts';
import {
  DATA_PATH,
  HOSTS_FILE,
  hostOf,
  memberOf,
  ROLE_FILE,
  ROLE_SECONDS,
  RUN_PATH,
  SOCKET,
  TLS_PATH,
  TMP_PATH,
  USERS_PATH,
  VOLUME_PATH,
} from './layout';
import { serversOf, whenReplicaIsLost } from './servers';

/** All settings of a database's scripts, see `scripts/common.sh`. Keys are the names of the shell variables. */
export function settingsOf(config: Config) {
  const { database } = config;
  const numbers = Array.from({ length: serversOf(database) }, (_, n) => String(n));
  return {
    /** `primary-replica` or `group`; also recorded in the volume, which works with no other. */
    TOPOLOGY: database.topology,
    /** `block` or `continue`; without effect in a group. */
    WHEN_REPLICA_IS_LOST: whenReplicaIsLost(database),
    /** Names of all databases, by their numbers. */
    HOSTS: numbers.map((n) => hostOf(n, config)),
    /** Names of the members inside the group, by their numbers. */
    MEMBERS: database.topology === 'group' ? numbers.map((n) => memberOf(n, config)) : [],
    /** Port of mysqld. */
    PORT: port('database', 'mysql'),
    /** Port of group communication. */
    GROUP_PORT: port('database', 'group'),
    /** Accounts whose passwords stand in accounts.sql; each is the name of a file in USERS. */
    ACCOUNTS: ACCOUNT_NAMES,
    /** What all binary logs together may take of the volume, in bytes. */
    BINARY_LOG_BYTES: sizesOf(database).binaryLogs * 2 ** 20,
    /** The file that role.sh writes, and its age in seconds from which it is ignored. */
    ROLE_FILE,
    ROLE_SECONDS,
    /** Paths in the pod, see layout.ts. */
    RUN: RUN_PATH,
    VOLUME: VOLUME_PATH,
    DATA: DATA_PATH,
    TMP: TMP_PATH,
    CONF: CONF_PATH,
    USERS: USERS_PATH,
    TLS: TLS_PATH,
    SOCKET,
    HOSTS_FILE,
  } as const satisfies Record<string, string | number | readonly string[]>;
}
