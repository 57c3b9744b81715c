/** Schema of the site. */
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
