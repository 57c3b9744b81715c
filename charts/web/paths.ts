/** Folder of `PEM_PATH` and `CLIENT_PEM_PATH`, in memory as a Secret's volume is. */
export const PEM_FOLDER = '/run/tls';

/** A certificate of the pod: `site` for visitors, `client` for app servers. */
export type CertificateName = 'site' | 'client';

/** Folder of the certificates' Secrets. */
export const SECRETS_FOLDER = '/run/secrets';

/** Where the pod mounts the Secret of a certificate. */
export const secretOf = (name: CertificateName): string => `${SECRETS_FOLDER}/${name}-tls`;

/** Certificate and key until nginx has accepted them. */
export const NEXT_PEM = `${PEM_FOLDER}/next.pem`;

/** Certificate and key that nginx serves, in one file so that both are replaced together. */
export const PEM_PATH = `${PEM_FOLDER}/site.pem`;

/** The same for the certificate that app servers verify. */
export const CLIENT_PEM_PATH = `${PEM_FOLDER}/client.pem`;

/** The CA that signed the app servers' certificates. */
export const CLIENT_CA_PATH = `${secretOf('client')}/ca.crt`;

/** Folder of the micro-cache, in memory. */
export const MICRO_CACHE_PATH = '/var/cache/threewall';

/** Metrics of the certificate that nginx serves, in the text format of Prometheus. */
export const METRICS_FOLDER = '/tmp/metrics';

/** Exists while this server is about to stop: health checks then fail. */
export const DRAINING = '/tmp/draining';

/** The cluster's DNS servers for nginx, which does not read resolv.conf. */
export const NAME_SERVERS = '/tmp/name-servers.conf';

/** Writable folder of nginx, whose root is read-only. */
export const TEMPORARY_FILES = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  (name) => `${name}_temp_path /tmp/${name};`,
);
