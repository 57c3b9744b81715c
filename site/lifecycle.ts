import type { Server as PlainServer } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

// Nginx keeps an idle connection for 60 s. This server must keep it longer, or a request meets a closing connection:
// https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout
const KEEP_ALIVE_MS = 75_000;
const HEADERS_MS = 80_000;
const REQUEST_MS = 90_000;
/** Milliseconds that running requests get after the server stopped listening. */
const FINISH_MS = 8000;

/** A server of the site, with TLS or without. */
export type Server = PlainServer | TlsServer;

/** Sets how long a server keeps connections. */
export function setTimeouts(server: Server): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
}

/** Resolves with the port when the server listens on all addresses; rejects when it cannot. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/**
 * Stops a server in at most `drainSeconds` + 8 seconds: first it continues to answer (with `Connection: close`),
 * because web servers learn late that this pod stops; then it stops listening, closes idle connections and lets running
 * requests end.
 */
export async function stop(server: Server, drainSeconds: number): Promise<void> {
  await sleep(drainSeconds * 1000);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const giveUp = setTimeout(() => server.closeAllConnections(), FINISH_MS);
  await closed;
  clearTimeout(giveUp);
}
