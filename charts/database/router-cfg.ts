import type { Config } from '../../config/schema';
import { CONF_PATH } from '../paths';
import { DEFAULTS, globalSection, healthFrontend, RESOLVERS, SERVER, TIMEOUTS } from '../router';
import { port } from '../topology';
import { DRAINING_FILE, hostOf, ROLE_FILE, ROLE_SECONDS } from './layout';
import { mayWriteTogether, serversOf } from './servers';

const TIER = 'database';

/**
 * The haproxy.cfg of the router in every database pod: `writer` connects to the server that reports being the primary,
 * `reader` to all that report being replicas, or to the primary while there is none. TLS is passed through.
 *
 * - A server reports its role at its pod's `agent` port, as in Patroni: `/primary` or `/replica` answers 200. The
 *   role is at most 3 s old (role.lua), and two equal answers in a row count, 0.7 s together; a server that lost its
 *   role loses its sessions too.
 * - If two servers report being the primary, neither gets sessions until one stops reporting it.
 * @see https://patroni.readthedocs.io/en/latest/rest_api.html#health-check-endpoints
 */
export function routerCfg(config: Config): string {
  const { database } = config;
  const servers = (line: (ordinal: number, address: string) => string): string =>
    Array.from({ length: serversOf(database) }, (_, n) =>
      line(n, `${hostOf(String(n), config)}:${port(TIER, 'mysql')}`),
    )
      .map((server) => `  server ${server}`)
      .join('\n');
  return `${globalSection(config)}  tune.lua.bool-sample-conversion normal
  lua-load ${CONF_PATH}/role.lua ${ROLE_FILE} ${ROLE_SECONDS} ${DRAINING_FILE}

${DEFAULTS}  # another server is asked before a client's patience of a second ends
${TIMEOUTS}  # a router on a node without a free core answers late; one that is cut off does not even let a check connect
  timeout check 4s
  # a retry goes to another server than the one that refused
  retries 2
  option redispatch 1

${RESOLVERS}
frontend writer
  bind :${port(TIER, 'writer')}
${mayWriteTogether(database) ? '' : '  tcp-request content reject if { nbsrv(primary) gt 1 }\n'}  default_backend primary

frontend reader
  bind :${port(TIER, 'reader')}
  use_backend primary if { nbsrv(replicas) eq 0 }
  default_backend replicas

backend primary
  balance leastconn
  option httpchk GET /primary
  default-server ${SERVER}
${servers((n, address) => `database-${n} ${address} ${CHECK}`)}

# a replica that became the primary keeps its sessions
backend replicas
  balance leastconn
  option httpchk GET /replica
  http-check disable-on-404
  default-server ${SERVER}
${servers((n, address) => `database-${n} ${address} ${CHECK}`)}

${healthFrontend('agent', TIER, 'agent')}  http-request use-service lua.role
`;
}

const CHECK = `check port ${port(TIER, 'agent')} inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1`;
