import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { APP_PODS } from '../app';
import { CODE_PATH } from '../code';
import { HARD_STOP_SECONDS } from '../load-balancer/haproxy-cfg';
import { wholeCores } from '../pod';
import { namespaceOf, port } from '../topology';
import { RETRY_AFTER_SECONDS } from './maintenance';
import { CONF_PATH, DRAINING, PEM_PATH, RESOLVER, TEMPORARY_FILES } from './paths';

/**
 * Mozilla's server side TLS guidelines 5.7; nginx's own default order of TLS 1.3 ciphers is kept.
 * @see https://ssl-config.mozilla.org/
 */
const PROFILES = {
  modern: ['ssl_protocols TLSv1.3;'],
  intermediate: [
    'ssl_protocols TLSv1.2 TLSv1.3;',
    'ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;',
  ],
};

/** Longest use of a connection: a visitor's pause between two requests must fit before the load balancer's hard stop. */
const KEEPALIVE_SECONDS = HARD_STOP_SECONDS - 25;

/** The access log's fields: one JSON object a line, no cookie, no authorization, no query string. */
const LOG_FIELDS = {
  time: '$time_iso8601',
  request_id: '$request_id',
  client: '$remote_addr',
  method: '$request_method',
  path: '$uri',
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
  const { tls, cluster, domain, web, limits } = config;
  const log = Object.entries(LOG_FIELDS).map(([name, value]) => `"${name}":"${value}"`);
  return `worker_processes ${wholeCores(web.resources)};
worker_rlimit_nofile 16384;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;

events {
  worker_connections 4096;
}

http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  charset utf-8;
  server_tokens off;
  ${TEMPORARY_FILES.join('\n  ')}

  log_format json escape=json '{${log.join(',')}}';
  access_log /dev/stdout json;

  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65s;
  # a load balancer that stops cuts what is left after its hard-stop-after: by then a connection in use has been closed in good order
  keepalive_time ${KEEPALIVE_SECONDS}s;
  client_header_timeout 10s;
  client_body_timeout 10s;
  client_max_body_size ${bytes(limits.bodySize)};
  large_client_header_buffers 4 8k;
  reset_timedout_connection on;
  gzip on;
  gzip_vary on;
  gzip_min_length 1024;
  gzip_types text/css text/javascript application/javascript application/json image/svg+xml;

  limit_req_zone $binary_remote_addr zone=clients:10m rate=${limits.requestsPerSecondPerClient}r/s;
  limit_req_status 429;

  map $http2$draining $close_connection {
    1 close;
    default "";
  }

  # a variable: read at the handshake, so a new certificate needs no reload, which would close kept connections
  map $ssl_server_name $site_pem {
    default ${PEM_PATH};
  }

  # each pod by its address: a Service would go on choosing a pod whose node is lost until Kubernetes has noticed, 50 s later
  include ${RESOLVER};
  upstream app {
    zone app 256k;
    least_conn;
    server ${APP_PODS}.${namespaceOf('app', config)}.svc.${cluster.domain}:${port('app', 'http')} resolve max_fails=1 fail_timeout=10s;
    keepalive 32;
    keepalive_timeout 60s;
  }

  server {
    listen ${port('web', 'https')} ssl proxy_protocol;
    http2 on;
    server_name ${domain} _;

    set_real_ip_from ${cluster.podCidrs.join(';\n    set_real_ip_from ')};
    real_ip_header proxy_protocol;

    ssl_certificate $site_pem;
    ssl_certificate_key $site_pem;
    ssl_certificate_cache max=4 valid=1s;
    ${PROFILES[tls.profile].join('\n    ')}
    ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:tls:4m;
    ssl_session_timeout 1h;
    ssl_session_tickets off;

    limit_req zone=clients burst=${limits.requestsPerSecondPerClient} nodelay;

    add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;
    add_header Content-Security-Policy "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'" always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy strict-origin-when-cross-origin always;
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
    # no app server answered: not what an app server answers itself
    error_page 502 504 =503 /maintenance.html;
    location = /maintenance.html {
      internal;
      root ${CONF_PATH};
      add_header_inherit merge;
      add_header Retry-After ${RETRY_AFTER_SECONDS} always;
      add_header Cache-Control no-store always;
    }
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header X-Web-Server $hostname;
      proxy_connect_timeout 1s;
      proxy_read_timeout 30s;
      proxy_next_upstream error timeout;
      proxy_next_upstream_tries 2;
      proxy_next_upstream_timeout 5s;
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
    location / {
      return 404;
    }
  }
}
`;
}
