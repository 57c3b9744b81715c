import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { CONF_PATH } from '../paths';
import { wholeCores } from '../pod';
import { IDLE_SECONDS, KEEPALIVE_SECONDS, shutdownSeconds } from '../seconds';
import { port } from '../topology';
import { accessLogLines } from './access-log';
import { answerMaps } from './answer-headers';
import { appLocations } from './ask-app';
import { bodyBufferLines, requestsAtOnce, workerConnections } from './connections';
import { errorMaps, errorPageLines } from './error-pages';
import { microCacheZone } from './micro-cache';
import { nameLines, nameMap, nameSize } from './names';
import { ownFileLines } from './own-files';
import { DRAINING, METRICS_FOLDER, TEMPORARY_FILES } from './paths';
import { forwardedVariable, upgradeVariables } from './proxy';
import { clientCertificateVariable } from './reencrypt';
import { resolverLines, resolverRelay } from './resolver';
import { certificateVariable, securityHeaders, tlsLines } from './tls';
import { upstreamLines } from './upstream';
import { visitor, visitorMaps } from './visitor';
import { wayVariable } from './ways';

/**
 * The whole nginx.conf of a web server: ends TLS, serves static files, passes the rest to the app.
 * The client's address comes only from the load balancer's PROXY header: the TLS port refuses a connection without
 * one, and only pods (`cluster.podCidrs`) are trusted, of which the web firewall admits only the load balancer.
 */
export function nginxConf(config: Config): string {
  const { cluster, domain, web, limits } = config;
  const { address, key } = visitor(config);
  return `worker_processes ${wholeCores(web.resources)};
worker_rlimit_nofile 16384;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
# then open requests are closed cleanly, also WebSockets and long downloads, before the pod's grace period ends
worker_shutdown_timeout ${shutdownSeconds(config)}s;
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

  ${block(2, [...nameSize(config), ...accessLogLines(address)])}

  sendfile on;
  # files stay open between requests; a replaced file is noticed within a second
  open_file_cache max=256 inactive=20s;
  open_file_cache_valid 1s;
  tcp_nopush on;
  keepalive_timeout ${IDLE_SECONDS}s;
  # a stopping load balancer cuts connections after its hard-stop-after; connections in use are closed cleanly before
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

  limit_req_zone ${key} zone=clients:10m rate=${limits.requestsPerSecondPerClient}r/s;
  limit_req_status 429;
  limit_conn_zone ${key} zone=running:10m;
  limit_conn_zone $server_name zone=all:32k;
  limit_conn_status 429;

  map "$http2$app_upgrade$draining" $close_connection {
    1 close;
    default "";
  }

  ${block(2, [...certificateVariable(), ...clientCertificateVariable(config), ...visitorMaps(config), ...forwardedVariable(address), ...upgradeVariables(), ...wayVariable(config), ...errorMaps(), ...microCacheZone(config), ...nameMap(config), ...answerMaps(config)])}

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
    # each HTTP/2 stream counts: one visitor's hanging requests would use up the connections to app servers
    limit_conn running ${limits.requestsAtOncePerClient};
    # memory and volume are sized for this number
    limit_conn all ${requestsAtOnce(config)};

    ${block(4, securityHeaders(config))}
    add_header X-Request-Id $request_id always;

    # a stopping nginx closes kept-alive connections, even when a request is on its way: end keep-alive before.
    # HTTP/2 uses GOAWAY instead of a Connection header
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
    ${block(4, [
      ...bodyBufferLines(config),
      ...ownFileLines(config),
      ...nameLines(config),
      ...errorPageLines(CONF_PATH),
      ...appLocations(config),
    ])}
  }

  # plain and inside the cluster only: probes of the kubelet, metrics for the monitoring client
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
    # one connection per request, otherwise scrapes would count as visitors: docs/decisions/monitoring-qps.md
    location = /metrics {
      root ${METRICS_FOLDER};
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

/** Lines of the configuration at a depth; the template already indents the first. */
const block = (depth: number, lines: readonly string[]): string => lines.join(`\n${' '.repeat(depth)}`);
