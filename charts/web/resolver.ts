import { NAME_SERVERS } from './paths';

/** Inside the pod only. */
const LISTEN = '127.0.0.1:1053';

/** nginx resolves names at its own relay. Answers are valid for 2 s, whatever their TTL. */
export const resolverLines = (): string[] => [`resolver ${LISTEN} valid=2s ipv6=off;`, 'resolver_timeout 2s;'];

/**
 * A DNS relay inside nginx that opens a socket for each query. Nginx itself keeps one connected socket permanently, and
 * where Services are translated at `connect` (Cilium without kube-proxy) that socket keeps querying a lost DNS pod:
 * later app servers would never be found.
 * @see https://github.com/cilium/cilium/issues/27300
 * @see https://nginx.org/en/docs/stream/ngx_stream_proxy_module.html#proxy_requests
 */
export const resolverRelay = (): string => `stream {
  upstream name-servers {
    include ${NAME_SERVERS};
  }
  server {
    listen ${LISTEN} udp;
    # answers too long for UDP
    listen ${LISTEN};
    proxy_pass name-servers;
    proxy_requests 1;
    proxy_responses 1;
    proxy_connect_timeout 2s;
    proxy_timeout 2s;
  }
}
`;
