import type { Config } from '../../config/schema';
import { databaseServices } from '../names';

/** Schema of a site without `database.name`. */
export const SCHEMA = 'site';

/** Mount of the persistent volume. It may contain `lost+found`, so the server's files are in subdirectories. */
export const VOLUME_PATH = '/var/lib/mysql';

/** Data directory of a provisioned server: it appears complete, by one rename. */
export const DATA_PATH = `${VOLUME_PATH}/data`;

/**
 * Temporary files, mostly of sorts. On the volume and not in an emptyDir: the kubelet evicts a pod whose emptyDir
 * exceeds the ephemeral-storage limit; a full volume only fails the statement.
 */
export const TMP_PATH = `${VOLUME_PATH}/tmp`;

/** Memory-backed directory: socket, pid, and everything that holds a password. */
export const RUN_PATH = '/run/threewall';

/** Socket of the server in service. */
export const SOCKET = `${RUN_PATH}/mysqld.sock`;

/** Where the pod mounts the databases' certificate and their CA. */
export const TLS_PATH = '/run/secrets/database-tls';

/** Where the pod mounts the passwords, one file per user. */
export const USERS_PATH = '/run/secrets/database-users';

/** Latest result of role.sh: seconds since 1970, role and reason on the first line, then metrics for Prometheus. */
export const ROLE_FILE = `${RUN_PATH}/role`;

/** Exists while the router of the pod is about to stop. */
export const DRAINING_FILE = `${RUN_PATH}/draining`;

/** Age in seconds from which `ROLE_FILE` is ignored: the server or its pod does not work. */
export const ROLE_SECONDS = 3;

/**
 * DNS name of a database for other databases, ready or not. Fully qualified: certificates name the pods by a
 * wildcard, and OpenSSL refuses wildcards with fewer than two dots (`*.database`).
 */
export const hostOf = (ordinal: string, config: Pick<Config, 'name' | 'cluster'>): string =>
  hostOfPod(`database-${ordinal}`, config);

/** The same for a pod of that name. */
export const hostOfPod = (pod: string, { name, cluster }: Pick<Config, 'name' | 'cluster'>): string =>
  `${pod}.${databaseServices.pods}.${name}.svc.${cluster.domain}`;

/**
 * DNS name of a member inside the group: a Service per member, whose address outlives the pod. A group remembers the
 * addresses of lost members and keeps trying them.
 */
export const memberOf = (ordinal: string, { name, cluster }: Pick<Config, 'name' | 'cluster'>): string =>
  `${databaseServices.member}${ordinal}.${name}.svc.${cluster.domain}`;

/** Addresses of the members of a group, see scripts/group/reach.sh. */
export const HOSTS_FILE = '/etc/hosts';
