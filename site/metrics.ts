import { createServer, type RequestListener, type Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DatabaseUse } from './database';

/** The site's metrics. */
export interface Metrics {
  /** All metrics, in the text format of Prometheus. */
  readonly registry: Registry;
  /** Notes a finished request: method, route (not path) and status, and how long it took in seconds. */
  readonly request: (method: string, route: string, status: number, seconds: number) => void;
  /** Notes a read that the writer served because the reader was lost. */
  readonly fallbackRead: () => void;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Prepares the metrics: those of the process, of requests, and of the pools.
 *
 * @param pools the use of each pool, by name, asked at every scrape
 */
export function createMetrics(pools: Readonly<Record<string, () => DatabaseUse>>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Finished requests.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to its complete answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const fallbacks = new Counter({
    name: 'database_fallback_reads_total',
    help: 'Reads that the writer served because the reader was lost.',
    registers,
  });
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections of a pool: in use, idle, and the limit of both together.',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const [pool, use] of Object.entries(pools)) {
        const { inUse, idle, limit } = use();
        this.set({ pool, state: 'in_use' }, inUse);
        this.set({ pool, state: 'idle' }, idle);
        this.set({ pool, state: 'limit' }, limit);
      }
    },
  });
  return {
    registry,
    request(method, route, status, duration) {
      // The client chooses the method: only known ones become a series.
      requests.inc({ method: METHODS.has(method) ? method : 'other', route, status });
      seconds.observe({ route }, duration);
    },
    fallbackRead: () => fallbacks.inc(),
  };
}

/**
 * A server that answers `GET /metrics` and the probes, and nothing else; not listening yet.
 * @param site answers the probes: clients without a certificate for the site's main port use this one
 */
export function createMetricsServer(registry: Registry, site: RequestListener): Server {
  return createServer(async (request, response) => {
    if (request.url === '/healthz' || request.url === '/readyz') return site(request, response);
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = await registry.metrics();
      response.writeHead(200, { 'Content-Type': registry.contentType }).end(text);
    } catch {
      response.writeHead(500).end();
    }
  });
}
