import type { Config } from '../../config/schema';
import { hostOf } from '../database/layout';
import { serversOf } from '../database/servers';
import { DEFAULTS, globalSection, healthFrontend, RESOLVERS, SERVER, TIMEOUTS } from '../router';
import { port } from '../topology';

/** Addresses inside the pod under which the app finds `database-primary` and `database-replica`. */
export const LOCAL = { primary: '127.0.0.2', replica: '127.0.0.3' } as const;

/** Path of the router's health that answers 200 while a primary takes writes. */
export const WRITER_PATH = '/writer';

const WRITER_LINES = `  http-request return status 200 if { path ${WRITER_PATH} } { nbsrv(primary) gt 0 }
  http-request return status 503
`;

/**
 * The haproxy.cfg of the router in every pod of the app's image. It knows no roles: it connects to any database router
 * that answers, which connects to the server with the role. Routers on a lost or isolated node get no new session after
 * half a second, and their sessions end within three. A Service would choose them until Kubernetes marks the node lost,
 * 40 s later.
 */
export function routerCfg(config: Config, tier: 'app' | 'worker'): string {
  return `${globalSection(config)}
${DEFAULTS}${TIMEOUTS}  # for a router without a free core; one that is cut off does not even let a check connect
  timeout check 5s
  retries 3
  option redispatch 1

${RESOLVERS}
frontend writer
  bind ${LOCAL.primary}:${port('database', 'mysql')}
  default_backend writers

frontend reader
  bind ${LOCAL.replica}:${port('database', 'mysql')}
  default_backend readers

# a router that is about to stop answers 404: it gets no new session and keeps existing ones until its pod ends them
backend writers
  balance leastconn
  option httpchk GET /router
  http-check disable-on-404
  default-server ${SERVER}
${servers(config, 'writer', () => `check port ${port('database', 'agent')} inter 500ms fastinter 200ms fall 3 rise 1`)}

backend readers
  balance leastconn
  option httpchk GET /router
  http-check disable-on-404
  default-server ${SERVER}
${servers(config, 'reader', (server) => `track writers/${server}`)}

${tier === 'worker' ? gate(config) : healthFrontend('health', tier, 'router')}`;
}

/**
 * Holds a worker back until a server says that it takes writes, three times within a second and a half: by then the
 * databases' routers know it too. A server counts as down before its first check, not as up as soon as its name is found.
 */
const gate = (config: Config): string => `# takes no sessions: reports whether a primary takes writes
backend primary
  option httpchk GET /primary
  default-server ${SERVER} init-state fully-down
${servers(config, 'agent', () => 'check inter 500ms fall 1 rise 3')}

${healthFrontend('health', 'worker', 'router', WRITER_LINES)}`;

const servers = (config: Config, name: 'writer' | 'reader' | 'agent', check: (server: string) => string): string =>
  Array.from({ length: serversOf(config.database) }, (_, n) => `database-${n}`)
    .map((server, n) => `  server ${server} ${hostOf(String(n), config)}:${port('database', name)} ${check(server)}`)
    .join('\n');
