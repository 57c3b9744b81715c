import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { CODE_PATH } from '../code';
import { HARD_STOP_SECONDS } from '../load-balancer/haproxy-cfg';
import { wholeCores } from '../pod';
import { port } from '../topology';
import { ASKED_PATH, errorMaps, errorPageLines } from './error-pages';
import { microCacheLines, microCacheZone } from './micro-cache';
import { CONF_PATH, DRAINING, FIGURES_FOLDER, TEMPORARY_FILES } from './paths';
import { appScheme, clientCertificateVariable, reencryptLines } from './reencrypt';
import { resolverLines, resolverRelay } from './resolver';
import { certificateVariable, securityHeaders, tlsLines } from './tls';
import { failoverLines, upstreamLines } from './upstream';

/**
 * Memory of one connection. Measured: 32 KiB idle over HTTP/2, 42 KiB with a header on its way; an answer of an app server
 * on its way takes up to 36 KiB more: docs/decisions/limits.md
 */
const BYTES_PER_CONNECTION = 64 * 1024;
/** What nginx needs before the first connection: shared zones, and each worker. */
const BYTES_AT_REST = 24 * 2 ** 20;
const BYTES_PER_WORKER = 8 * 2 ** 20;
/** Files a container may usually open. */
const MOST_CONNECTIONS = 8000;

/** Connections, those to app servers included, that fit into the memory limit of a web server, for each worker. */
export function workerConnections({ web }: Config): number {
  const workers = wholeCores(web.resources);
  const cache = web.microCache ? bytes(web.microCache.size) : 0;
  const memory = bytes(web.resources.limits.memory) - BYTES_AT_REST - cache - workers * BYTES_PER_WORKER;
  return Math.max(256, Math.floor(Math.min(MOST_CONNECTIONS, memory / BYTES_PER_CONNECTION) / workers));
}

/** Longest use of a connection: a visitor's pause between two requests must fit before the load balancer's hard stop. */
const KEEPALIVE_SECONDS = HARD_STOP_SECONDS - 25;

/** The access log's fields: one JSON object a line, no cookie, no authorization, no query string. */
export const LOG_FIELDS = {
  time: '$time_iso8601',
  request_id: '$request_id',
  connection_id: '$proxy_protocol_tlv_unique_id',
  client: '$remote_addr',
  method: '$request_method',
  path: ASKED_PATH,
  protocol: '$server_protocol',
  status: '$status',
  bytes: '$body_bytes_sent',
  duration: '$request_time',
  upstream: '$upstream_addr',
  upstream_status: '$upstream_status',
  upstream_duration: '$upstream_response_time',
  tls: '$ssl_protocol',
  user_agent: '$http_user_agent',
};

/**
 * The whole nginx.conf of a web server: ends TLS, serves /static/ itself, hands the rest to the app.
 * The client's address comes from the load balancer's PROXY header alone: the TLS port refuses a connection without
 * one, and only pods (`cluster.podCidrs`), of which the web firewall lets only the load balancer in, are believed.
 */
export function nginxConf(config: Config): string {
  const { cluster, domain, web, limits } = config;
  const log = Object.entries(LOG_FIELDS).map(([name, value]) => `"${name}":"${value}"`);
  return `worker_processes ${wholeCores(web.resources)};
worker_rlimit_nofile 16384;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
# images that build "stream" as a module load it here
include /etc/nginx/modules-enabled/*.conf;

events {
  worker_connections ${workerConnections(config)};
}

${resolverRelay()}
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  server_tokens off;
  ${TEMPORARY_FILES.join('\n  ')}

  log_format json escape=json '{${log.join(',')}}';
  # a write for each request costs as much as the request; up to 4 KiB reach a pipe whole: pipe(7), PIPE_BUF
  access_log /dev/stdout json buffer=4k flush=1s;

  sendfile on;
  # files stay open between requests; one that was replaced is noticed within a second
  open_file_cache max=256 inactive=20s;
  open_file_cache_valid 1s;
  tcp_nopush on;
  keepalive_timeout 65s;
  # a load balancer that stops cuts what is left after its hard-stop-after: by then a connection in use has been closed in good order
  keepalive_time ${KEEPALIVE_SECONDS}s;
  client_header_timeout ${limits.headerSeconds}s;
  client_body_timeout ${limits.bodySeconds}s;
  send_timeout ${limits.bodySeconds}s;
  client_max_body_size ${bytes(limits.bodySize)};
  large_client_header_buffers 4 ${bytes(limits.headerSize)};
  reset_timedout_connection on;
  gzip on;
  gzip_vary on;
  gzip_min_length 1024;
  gzip_types text/css text/javascript application/javascript application/json image/svg+xml;

  limit_req_zone $binary_remote_addr zone=clients:10m rate=${limits.requestsPerSecondPerClient}r/s;
  limit_req_status 429;
  limit_conn_zone $binary_remote_addr zone=running:10m;
  limit_conn_status 429;

  map $http2$draining $close_connection {
    1 close;
    default "";
  }

  # IPv6 addresses stand in quotes and brackets: https://www.rfc-editor.org/rfc/rfc7239#section-6
  map $remote_addr $forwarded_for {
    default unknown;
    "~^[0-9.]+$" $remote_addr;
    "~^[0-9A-Fa-f:.]+$" '"[$remote_addr]"';
  }

  ${block(2, [...certificateVariable(), ...clientCertificateVariable(config), ...errorMaps(), ...microCacheZone(config)])}

  ${block(2, resolverLines())}
  ${block(2, upstreamLines(config))}

  server {
    listen ${port('web', 'https')} ssl proxy_protocol;
    http2 on;
    server_name ${domain} _;

    set_real_ip_from ${cluster.podCidrs.join(';\n    set_real_ip_from ')};
    real_ip_header proxy_protocol;

    ${block(4, tlsLines(config))}

    limit_req zone=clients burst=${limits.requestsPerSecondPerClient} nodelay;
    # each stream of HTTP/2 counts: pages that hang would take the connections to app servers from everybody
    limit_conn running ${limits.requestsAtOncePerClient};

    ${block(4, securityHeaders(config))}
    add_header X-Request-Id $request_id always;

    # nginx closes kept connections when it stops, also under a request that is on its way: send clients away before.
    # HTTP/2 knows no Connection header, it has GOAWAY
    set $draining "";
    if (-f ${DRAINING}) {
      set $draining 1;
    }
    add_header Connection $close_connection always;

    location = /healthz {
      access_log off;
      if ($draining) {
        return 503 "draining\\n";
      }
      return 200 "ok\\n";
    }
    location /static/ {
      root ${CODE_PATH};
      expires 1h;
      etag on;
    }
    ${block(4, errorPageLines(CONF_PATH))}
    location / {
      # secrets beside text that a visitor chose must not be compressed together: https://www.breachattack.com
      gzip off;
      proxy_pass ${appScheme(config)}://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header Forwarded "for=$forwarded_for;proto=https";
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header X-Connection-Id $proxy_protocol_tlv_unique_id;
      proxy_set_header X-Web-Server $hostname;
      # said for every answer above; twice would be once too often
      proxy_hide_header X-Content-Type-Options;
      proxy_hide_header X-Request-Id;
      ${block(6, [...reencryptLines(config), ...microCacheLines(config)])}
      proxy_read_timeout 30s;
      ${block(6, failoverLines())}
    }
  }

  # plain and inside the cluster only: probes of the kubelet, figures for the monitoring client
  server {
    listen ${port('web', 'metrics')};
    access_log off;
    location = /healthz {
      return 200 "ok\\n";
    }
    location = /readyz {
      if (-f ${DRAINING}) {
        return 503 "draining\\n";
      }
      return 200 "ok\\n";
    }
    location = /stub_status {
      stub_status;
    }
    # one connection a request, or what reads this would count as a visitor: docs/decisions/monitoring-qps.md
    location = /metrics {
      root ${FIGURES_FOLDER};
      default_type text/plain;
      keepalive_timeout 0;
    }
    location / {
      return 404;
    }
  }
}
`;
}

/** Lines of the configuration at a depth; the first is indented by its place in the text. */
const block = (depth: number, lines: readonly string[]): string => lines.join(`\n${' '.repeat(depth)}`);
