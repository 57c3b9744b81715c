import type { Config } from '../../config/schema';
import { databaseServices } from '../names';

/** Schema of a site whose configuration names no other (`database.name`). */
export const SCHEMA = 'site';

/** Mount of the persistent volume. A volume may hold `lost+found`, so the server's files lie in directories of it. */
export const VOLUME_PATH = '/var/lib/mysql';

/** Data directory of a server that has been provisioned: it appears by one rename, complete. */
export const DATA_PATH = `${VOLUME_PATH}/data`;

/**
 * Temporary files, sorts above all. On the volume and not in an emptyDir: the kubelet evicts a pod whose emptyDir
 * outgrows the ephemeral-storage limit, a full volume only fails the statement.
 */
export const TMP_PATH = `${VOLUME_PATH}/tmp`;

/** Memory-backed directory: socket, pid, and everything that holds a password. */
export const RUN_PATH = '/run/threewall';

/** Socket of the server in service. */
export const SOCKET = `${RUN_PATH}/mysqld.sock`;

/** Where the pod mounts configuration and scripts. */
export const CONF_PATH = '/etc/threewall';

/** Where the pod mounts the certificate of the databases and its authority. */
export const TLS_PATH = '/run/secrets/database-tls';

/** Where the pod mounts the passwords, a file a user. */
export const USERS_PATH = '/run/secrets/database-users';

/** What role.sh found out last: seconds since 1970, role and reason on the first line, then figures for Prometheus. */
export const ROLE_FILE = `${RUN_PATH}/role`;

/** There while the router of the pod is about to stop. */
export const DRAINING_FILE = `${RUN_PATH}/draining`;

/** Age in seconds from which `ROLE_FILE` is worth nothing: the server or its pod does not work. */
export const ROLE_SECONDS = 3;

/**
 * Name under which a database finds another, whether that one is ready or not. In full: certificates name the pods by a
 * wildcard, and OpenSSL matches none with fewer than two dots (`*.database` is refused).
 */
export const hostOf = (ordinal: string, config: Pick<Config, 'name' | 'cluster'>): string =>
  hostOfPod(`database-${ordinal}`, config);

/** The same for a pod of that name. */
export const hostOfPod = (pod: string, { name, cluster }: Pick<Config, 'name' | 'cluster'>): string =>
  `${pod}.${databaseServices.pods}.${name}.svc.${cluster.domain}`;

/**
 * Name under which a group knows a member: that of a Service of its own, whose address outlives the pod. A group remembers the
 * addresses of members that are gone, and goes on trying them.
 */
export const memberOf = (ordinal: string, { name, cluster }: Pick<Config, 'name' | 'cluster'>): string =>
  `${databaseServices.member}${ordinal}.${name}.svc.${cluster.domain}`;

/** Addresses of the members of a group, see scripts/group/reach.sh. */
export const HOSTS_FILE = '/etc/hosts';
