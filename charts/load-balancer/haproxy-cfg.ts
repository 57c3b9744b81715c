import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { mostReplicas } from '../autoscaling';
import { namespaceOf } from '../names';
import { wholeCores } from '../pod';
import { hardStopSeconds, silenceSeconds } from '../seconds';
import { port } from '../topology';
import { connectionLimitLines, proxyHeaderLines } from './in-front';

/**
 * Memory of one connection in bytes: two 16 KiB buffers, state of both sides, the kernel's socket buffers.
 * @see https://docs.haproxy.org/3.2/configuration.html#3.2-maxconn
 */
const BYTES_PER_CONNECTION = 40 * 1024;
/** Memory in bytes that HAProxy needs before the first connection. */
const BYTES_AT_REST = 48 * 2 ** 20;
/** Usual limit of open files in a container; a connection takes two. */
const MOST_CONNECTIONS = 8000;

/**
 * Seconds in which a visitor must start TLS. Lost segments are resent after 0.2, 0.6, 1.4, 3, 6.2 and 12.6 s, and an
 * HAProxy that waited for CPU checks time-outs before it reads what has arrived: with 5 s it rejected visitors.
 */
const HELLO_SECONDS = 15;

/** Connections that fit into the memory limit of a load balancer. */
export function maxConnections(config: Config): number {
  const memory = bytes(config.loadBalancer.resources.limits.memory) - BYTES_AT_REST;
  return Math.max(100, Math.min(MOST_CONNECTIONS, Math.floor(memory / BYTES_PER_CONNECTION)));
}

/**
 * The whole haproxy.cfg of a load balancer. TLS is passed through, so there is no key here; a PROXY protocol
 * v2 header carries the client's address.
 *
 * - Web servers come from SRV records of the headless Service. Slots: twice the maximum of replicas, so a rolling
 *   update always finds a free one. A silent DNS server removes no web server (`hold`); health checks do.
 * - The check uses TLS on the traffic port, as a visitor does, without verification: it sends nothing secret.
 */
export function haproxyCfg(config: Config): string {
  const { domain, loadBalancer, cluster } = config;
  const record = `_https._tcp.web.${namespaceOf('web', config)}.svc.${cluster.domain}`;
  return `global
  log stdout format raw local0 info
  nbthread ${wholeCores(loadBalancer.resources)}
  maxconn ${maxConnections(config)}
  hard-stop-after ${hardStopSeconds(config)}s

defaults
  mode tcp
  log global
  option dontlognull
  option clitcpka
  timeout connect 2s
  timeout client ${silenceSeconds(config)}s
  timeout server ${silenceSeconds(config)}s
  timeout queue 5s
  timeout check 2s
  retries 3
  option redispatch 1

resolvers cluster
  parse-resolv-conf
  accepted_payload_size 8192
  timeout resolve 1s
  timeout retry 1s
  hold valid 2s
  hold obsolete 5s
  hold nx 30s
  hold timeout 24h
  hold refused 24h
  hold other 24h

frontend https
  bind :${port('load-balancer', 'https')}
${proxyHeaderLines(config)}${connectionLimitLines(config)}  # a connection must begin with TLS, and soon: nothing else costs a web server anything
  # created here, because HAProxy 3.2.26 corrupts a PROXY header when it creates the id while writing it (401 of 4,000
  # connections)
  tcp-request content set-var(sess.connection_id) unique-id
  tcp-request inspect-delay ${HELLO_SECONDS}s
  tcp-request content accept if { req.ssl_hello_type 1 }
  tcp-request content reject
  # an id per connection, because requests are not visible here; the PROXY header carries it into the logs of the tiers
  # behind
  unique-id-format %[uuid()]
  # the port distinguishes clients behind one address: https://www.rfc-editor.org/rfc/rfc6302
  log-format '{"time":"%[date,ltime(%Y-%m-%dT%H:%M:%S%z)]","connection_id":"%ID","client":"%ci","client_port":%cp,"frontend":"%f","server":"%s","bytes":%B,"duration_ms":%Tt,"connect_ms":%Tc,"state":"%ts","retries":"%rc"}'
  default_backend web

backend web
  balance leastconn
  option httpchk
  http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host ${domain}
  http-check expect status 200
  default-server resolvers cluster resolve-prefer ipv4 init-addr none send-proxy-v2 proxy-v2-options unique-id check check-send-proxy check-ssl check-sni ${domain} verify none inter 2s fastinter 500ms downinter 1s fall 2 rise 1
  server-template web ${Math.max(10, 2 * mostReplicas('web', config))} ${record}

frontend http
  mode http
  bind :${port('load-balancer', 'http')}
${proxyHeaderLines(config)}  timeout client 10s
  timeout http-request 5s
  http-request redirect scheme https code 301

# inside the cluster only: probes of the kubelet, metrics for the monitoring client
frontend metrics
  mode http
  bind :${port('load-balancer', 'metrics')}
  timeout client 10s
  no log
  monitor-uri /healthz
  http-request return status 200 content-type text/plain string "ready" if { path /readyz } { nbsrv(web) gt 0 }
  http-request return status 503 content-type text/plain string "no web server is up" if { path /readyz }
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /stats
`;
}
