/** Where the pod mounts its configuration. */
export const CONF_PATH = '/etc/threewall';

/** Where the pod mounts the site's certificate. */
export const TLS_PATH = '/run/secrets/site-tls';

/** Folder of `PEM_PATH`, in memory as a Secret's volume is. */
export const PEM_FOLDER = '/run/tls';

/** Certificate and key that nginx serves, in one file: it can only be replaced as a whole. */
export const PEM_PATH = `${PEM_FOLDER}/site.pem`;

/** A file that says: this server is about to stop, send no one. */
export const DRAINING = '/tmp/draining';

/** Names the cluster's DNS servers to nginx, which does not read resolv.conf itself. */
export const RESOLVER = '/tmp/resolver.conf';

/** Where nginx, whose root is read-only, may write. */
export const TEMPORARY_FILES = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  (name) => `${name}_temp_path /tmp/${name};`,
);
