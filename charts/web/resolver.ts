import { NAME_SERVERS } from './paths';

/** Inside the pod only. */
const LISTEN = '127.0.0.1:1053';

/** Where nginx looks names up: at its own relay. Answers count for 2 s, whatever the DNS server says. */
export const resolverLines = (): string[] => [`resolver ${LISTEN} valid=2s ipv6=off;`, 'resolver_timeout 2s;'];

/**
 * A relay of DNS inside nginx that opens a socket for each question. Nginx itself keeps one connected socket for good, and
 * where Services are translated at `connect` (Cilium without kube-proxy) that one goes on asking a DNS pod that is gone: no
 * app server that came later would ever be found.
 * @see https://github.com/cilium/cilium/issues/27300
 * @see https://nginx.org/en/docs/stream/ngx_stream_proxy_module.html#proxy_requests
 */
export const resolverRelay = (): string => `stream {
  upstream name-servers {
    include ${NAME_SERVERS};
  }
  server {
    listen ${LISTEN} udp;
    # answers that are too long for a datagram
    listen ${LISTEN};
    proxy_pass name-servers;
    proxy_requests 1;
    proxy_responses 1;
    proxy_connect_timeout 2s;
    proxy_timeout 2s;
  }
}
`;
