import { accessSync, constants, statSync } from 'node:fs';
import { hostname } from 'node:os';

/** All settings of the site. Environment variables are their only source. */
export interface Settings {
  /** `PORT`: TCP port of the site, 0 to 65535, 0 takes any free port. @default 8080 */
  readonly port: number;
  /** `METRICS_PORT`: TCP port of `/metrics`, must differ from `PORT`; 0 takes any free port. @default 9464 */
  readonly metricsPort: number;
  /** `DATABASE_PRIMARY_HOST`: DNS name that takes writes, must be in the server certificate. @default database-primary */
  readonly primaryHost: string;
  /** `DATABASE_REPLICA_HOST`: DNS name that takes reads, must be in the server certificate. @default database-replica */
  readonly replicaHost: string;
  /** `DATABASE_PORT`: TCP port of the primary, 1 to 65535. @default 3306 */
  readonly primaryPort: number;
  /** `DATABASE_REPLICA_PORT`: TCP port of the replica, 1 to 65535. @default the value of `DATABASE_PORT` */
  readonly replicaPort: number;
  /** `DATABASE_NAME`: schema that holds the table `messages`, 1 to 64 letters, digits, `_`, `$` or `-`. @default site */
  readonly databaseName: string;
  /** `DATABASE_USER`: MySQL account, 1 to 32 characters. @default app */
  readonly databaseUser: string;
  /** `DATABASE_PASSWORD_FILE`: readable file with the account's password; a trailing newline does not count. */
  readonly passwordFile: string;
  /** `DATABASE_CA_FILE`: readable PEM file with the CAs that may sign the database's certificate. */
  readonly caFile: string;
  /** `DATABASE_CONNECTIONS`: upper bound of connections to each side (primary, replica), 2 to 200. @default 10 */
  readonly connections: number;
  /** `POD_NAME`: the value of `app` in `/whoami`. @default the host's name */
  readonly podName: string;
  /** `SITE_NAME`: title of the page, 1 to 100 characters. @default Threewall */
  readonly siteName: string;
  /** `DRAIN_SECONDS`: how long new connections are still accepted after SIGTERM, 0 to 15 seconds. @default 5 */
  readonly drainSeconds: number;
  /** `STATIC_DIR`: when set, this folder is served at `/static/` (development); in production Nginx does that. @default unset */
  readonly staticDir: string | undefined;
  /**
   * `TLS_DIR`: folder with `tls.crt`, `tls.key` and `ca.crt`; when set, the site requires TLS and a client certificate
   * of the CA. @default unset
   */
  readonly tlsDir: string | undefined;
  /** `TLS_CLIENT_NAME`: DNS name that clients' certificates must contain; required with `TLS_DIR`. @default unset */
  readonly tlsClientName: string | undefined;
}

/** Thrown by {@link readSettings}; `faults` holds one line for every invalid variable. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  /** @param faults one line each: variable, what is allowed, what was given */
  constructor(readonly faults: readonly string[]) {
    super(`the environment has ${faults.length} fault(s):\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/**
 * Reads the settings from an environment, usually `process.env`. An empty variable counts as unset.
 *
 * @throws SettingsError with all faults at once
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const faults: string[] = [];

  const text = (name: string, fallback: string, pattern: RegExp, allowed: string): string => {
    const value = env[name] || fallback;
    if (!pattern.test(value)) faults.push(`${name}: must be ${allowed}, got ${JSON.stringify(value)}`);
    return value;
  };
  const integer = (name: string, fallback: number, least: number, most: number): number => {
    const value = env[name] || String(fallback);
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    faults.push(`${name}: must be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`);
    return fallback;
  };
  const host = (name: string, fallback: string) =>
    text(name, fallback, /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/i, 'a DNS name');
  const file = (name: string, holds: string): string => {
    const path = env[name];
    if (!path) faults.push(`${name}: must name a file with ${holds}, but is not set`);
    else if (!isReadable(path, 'file')) faults.push(`${name}: must name a readable file with ${holds}, got ${path}`);
    return path ?? '';
  };
  const folder = (name: string): string | undefined => {
    const path = env[name] || undefined;
    if (path && !isReadable(path, 'folder')) faults.push(`${name}: must name a readable folder, got ${path}`);
    return path;
  };

  const primaryPort = integer('DATABASE_PORT', 3306, 1, 65535);
  const settings: Settings = {
    port: integer('PORT', 8080, 0, 65535),
    metricsPort: integer('METRICS_PORT', 9464, 0, 65535),
    primaryHost: host('DATABASE_PRIMARY_HOST', 'database-primary'),
    replicaHost: host('DATABASE_REPLICA_HOST', 'database-replica'),
    primaryPort,
    replicaPort: integer('DATABASE_REPLICA_PORT', primaryPort, 1, 65535),
    databaseName: text('DATABASE_NAME', 'site', /^[\w$-]{1,64}$/, '1 to 64 letters, digits, "_", "$" or "-"'),
    databaseUser: text('DATABASE_USER', 'app', /^\P{Cc}{1,32}$/u, '1 to 32 characters'),
    passwordFile: file('DATABASE_PASSWORD_FILE', "the database account's password"),
    caFile: file('DATABASE_CA_FILE', "the CA of the database's certificate (PEM)"),
    connections: integer('DATABASE_CONNECTIONS', 10, 2, 200),
    podName: text('POD_NAME', hostname(), /^[-\w.]{1,253}$/, 'a host name'),
    siteName: text('SITE_NAME', 'Threewall', /^\P{Cc}{1,100}$/u, '1 to 100 characters'),
    drainSeconds: integer('DRAIN_SECONDS', 5, 0, 15),
    staticDir: folder('STATIC_DIR'),
    tlsDir: folder('TLS_DIR'),
    tlsClientName: env.TLS_CLIENT_NAME ? host('TLS_CLIENT_NAME', '') : undefined,
  };
  if ((settings.tlsDir === undefined) !== (settings.tlsClientName === undefined)) {
    const [present, absent] = settings.tlsDir ? ['TLS_DIR', 'TLS_CLIENT_NAME'] : ['TLS_CLIENT_NAME', 'TLS_DIR'];
    faults.push(`${absent}: must be set with ${present}, but is not set`);
  }
  if (settings.port === settings.metricsPort && settings.port !== 0) {
    faults.push(`METRICS_PORT: must differ from PORT, got ${settings.metricsPort} for both`);
  }
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

function isReadable(path: string, kind: 'file' | 'folder'): boolean {
  try {
    accessSync(path, constants.R_OK);
    return kind === 'folder' ? statSync(path).isDirectory() : statSync(path).isFile();
  } catch {
    return false;
  }
}
