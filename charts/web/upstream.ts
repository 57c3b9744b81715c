import type { Config } from '../../config/schema';
import { APP_PODS } from '../app';
import { namespaceOf } from '../names';
import { port } from '../topology';

/** Seconds that nginx leaves an app server alone after it failed a request. */
const LEFT_SECONDS = 10;

/** Seconds after which nginx gives up to connect: a pod of a lost node answers nothing at all. */
const CONNECT_SECONDS = 1;

/** Seconds after its beginning in which a request may go to another app server. */
const RETRY_SECONDS = 5;

/**
 * The app servers, each pod by its address: a Service would go on choosing a pod whose node is lost until Kubernetes has noticed,
 * 50 s later.
 *
 * The same pods stand twice. Nginx leaves a server of the first line that failed, whatever it failed by: a lost pod, and also a
 * request that no server answers well. So one visitor can have all of them left at once; then those of the second line are asked,
 * which no failure takes away: docs/decisions/rude-visitors.md
 * @see https://nginx.org/en/docs/http/ngx_http_upstream_module.html#max_fails
 */
export function upstreamLines(config: Config): string[] {
  const pods = `${APP_PODS}.${namespaceOf('app', config)}.svc.${config.cluster.domain}:${port('app', 'http', config)}`;
  return [
    'upstream app {',
    '  zone app 256k;',
    '  least_conn;',
    `  server ${pods} resolve max_fails=1 fail_timeout=${LEFT_SECONDS}s;`,
    `  server ${pods} resolve max_fails=0 backup;`,
    '  keepalive 32;',
    '  keepalive_timeout 60s;',
    '}',
  ];
}

/**
 * When a request goes to another app server: the connection failed, or ended before the answer began. Nginx does not send POST,
 * PATCH and LOCK again once they are on their way. Three tries: a dead pod may stand first in both lines of `upstreamLines`.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
 */
export const failoverLines = ({ app }: Config): string[] => [
  `proxy_connect_timeout ${CONNECT_SECONDS}s;`,
  'proxy_next_upstream error timeout;',
  'proxy_next_upstream_tries 3;',
  // an answer that did not come in time is not asked for again
  `proxy_next_upstream_timeout ${Math.min(RETRY_SECONDS, app.timeoutSeconds)}s;`,
];
