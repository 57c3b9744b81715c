import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { toHttpError } from './errors';
import { type Answer, type Request, send, toRequest } from './http';
import { describe, log } from './log';
import { type MessageStore, readSelection, readText, TEXT_LIMIT } from './messages';
import type { Metrics } from './metrics';
import { renderPage } from './page';
import { type Handler, match, type Routes, routeOf } from './router';

/** Parts of the site. */
export interface SiteParts {
  /** The store of messages. */
  readonly store: MessageStore;
  /** The value of `app` in `/whoami`. */
  readonly podName: string;
  /** Title of the page. */
  readonly siteName: string;
  /** Version of the static files that the page loads. */
  readonly staticVersion: string;
  /** True from SIGTERM on: `/readyz` is 503 and responses close their connection. */
  readonly stopping: () => boolean;
  /** Serves `/static/*`; in production Nginx does, then it is undefined. */
  readonly staticFiles?: Handler | undefined;
}

/**
 * For responses without visitor data: web servers with a micro-cache may cache them for a second, other caches may not:
 * https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.10
 */
const FOR_EVERYBODY = 'max-age=0, s-maxage=1';

const PROBES = new Set(['/healthz', '/readyz']);

/** The endpoints of the site. */
export function createRoutes({ store, podName, siteName, staticVersion, stopping, staticFiles }: SiteParts): Routes {
  const page = renderPage({ siteName, staticVersion, textLimit: TEXT_LIMIT });
  const pageHeaders = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': FOR_EVERYBODY };
  const routes: Routes = {
    '/': { GET: () => ({ status: 200, headers: pageHeaders, body: page }) },
    '/messages': {
      GET: async ({ query }) => {
        const selection = readSelection(query);
        const { messages, from } = await store.find(selection);
        const headers = { 'X-Database': from, ...(selection.consistent ? {} : { 'Cache-Control': FOR_EVERYBODY }) };
        return { status: 200, headers, body: messages };
      },
      POST: async ({ json }) => ({ status: 201, body: await store.add(readText(await json())) }),
    },
    '/whoami': {
      GET: async ({ web, client, forwarded }) => {
        return { status: 200, body: { app: podName, web, client, ...forwarded, ...(await store.identify()) } };
      },
    },
    // Never queries the database: restarting this process does not recover a database.
    '/healthz': { GET: () => ({ status: 200, body: { status: 'ok' } }) },
    '/readyz': { GET: () => readiness(store, stopping()) },
  };
  return staticFiles ? { ...routes, '/static/*': { GET: staticFiles } } : routes;
}

/** Handles every request of a server, counts it and writes its log line. */
export function createListener(routes: Routes, metrics: Pick<Metrics, 'request'>, stopping: () => boolean) {
  const listener: RequestListener = async (incoming, response) => {
    const started = performance.now();
    const request = toRequest(incoming);
    const route = routeOf(routes, request.path);
    let cause: unknown;
    response.on('close', () => {
      const seconds = (performance.now() - started) / 1000;
      // 499 as in Nginx: the client left before the response was complete.
      const status = response.writableFinished ? response.statusCode : 499;
      metrics.request(request.method, route, status, seconds);
      if (PROBES.has(route) && status === 200) return;
      log(toLine(incoming, request, status, seconds, cause));
    });
    let answer: Answer;
    try {
      answer = await match(routes, request.method, request.path).handler(request);
    } catch (error) {
      const known = toHttpError(error);
      if (known !== error) cause = error;
      answer = { status: known.status, headers: known.headers, body: { error: known.message } };
    }
    sendSafely(response, request, answer, stopping());
  };
  return listener;
}

async function readiness(store: MessageStore, stopping: boolean): Promise<Answer> {
  const refuse = (error: string) => ({ status: 503, headers: { 'Retry-After': '1' }, body: { error } });
  if (stopping) return refuse('stopping');
  try {
    // One side is enough: without the replica everything works, without the primary reads still work.
    await store.ping();
    return { status: 200, body: { status: 'ready' } };
  } catch {
    return refuse('no database can be reached');
  }
}

function sendSafely(response: ServerResponse, request: Request, answer: Answer, last: boolean): void {
  if (response.destroyed) return;
  send(response, request, answer, last);
}

function toLine(incoming: IncomingMessage, request: Request, status: number, seconds: number, cause: unknown) {
  return {
    level: status >= 500 ? 'error' : 'info',
    message: 'request',
    request_id: request.id,
    connection_id: request.connection,
    method: request.method,
    path: request.path.slice(0, 500),
    status,
    milliseconds: Math.round(seconds * 1e5) / 100,
    // An IPv4 peer of a dual-stack socket looks like ::ffff:10.0.0.1.
    client: request.client ?? incoming.socket.remoteAddress?.replace(/^::ffff:/, '') ?? null,
    ...(cause === undefined ? {} : { error: describe(cause) }),
  };
}
