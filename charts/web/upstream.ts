import { keepAliveSeconds } from '../../config/app-facts';
import type { Config } from '../../config/schema';
import { ALL_APP_PODS, APP_PODS } from '../app';
import { namespaceOf } from '../names';
import { port } from '../topology';

/** Seconds for which nginx skips an app server after a failed request. */
const LEFT_SECONDS = 10;

/** Time-out of nginx's connect in seconds: a pod of a lost node does not answer at all. */
const CONNECT_SECONDS = 1;

/** Seconds from its start in which a request may be retried at another app server. */
const RETRY_SECONDS = 5;

/**
 * The app servers, each pod by its address: a Service would keep choosing a pod on a lost node until Kubernetes
 * notices, 50 s later.
 *
 * They are listed twice. Nginx skips a failed server of the first line, whatever the cause: a lost pod, but also a request
 * that fails on every server. So one visitor can cause all to be skipped, or keep all from being ready. Then servers of
 * the second line are used, which has all pods and from which no failure removes any: docs/decisions/rude-visitors.md
 * @see https://nginx.org/en/docs/http/ngx_http_upstream_module.html#max_fails
 */
export function upstreamLines(config: Config): string[] {
  const pods = (service: string): string =>
    `${service}.${namespaceOf('app', config)}.svc.${config.cluster.domain}:${port('app', 'http', config)}`;
  return [
    'upstream app {',
    '  zone app 256k;',
    '  least_conn;',
    `  server ${pods(APP_PODS)} resolve max_fails=1 fail_timeout=${LEFT_SECONDS}s;`,
    `  server ${pods(ALL_APP_PODS)} resolve max_fails=0 backup;`,
    '  keepalive 32;',
    `  keepalive_timeout ${keepAliveSeconds(config.app)}s;`,
    '}',
  ];
}

/**
 * When a request is retried at another app server: the connection failed, or ended before the response began. Nginx
 * does not resend POST, PATCH and LOCK once they are sent. Three tries: a dead pod may come first in both lines of
 * `upstreamLines`.
 * @see https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream
 */
export const failoverLines = ({ app }: Config): string[] => [
  `proxy_connect_timeout ${CONNECT_SECONDS}s;`,
  'proxy_next_upstream error timeout;',
  'proxy_next_upstream_tries 3;',
  // a timed-out response is not retried
  `proxy_next_upstream_timeout ${Math.min(RETRY_SECONDS, app.timeoutSeconds)}s;`,
];
