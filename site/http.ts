import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { HttpError } from './errors';

/** Most bytes of a request's body. */
const BODY_LIMIT = 16 * 1024;
/** Milliseconds in which a body must arrive; Nginx sends it at once, because it buffers. */
export const BODY_TIMEOUT_MS = 10_000;

/** Form of a header value that is returned to the client. */
const PRINTABLE = /^[\x20-\x7e]{1,500}$/;

/** One request with the headers of the web server. */
export interface Request {
  /** `X-Request-Id` when it is well formed, otherwise new. */
  readonly id: string;
  /** `X-Connection-Id`: the load balancer's name of the visitor's connection; null when it did not come through one. */
  readonly connection: string | null;
  /** Upper case. */
  readonly method: string;
  /** Path without query, as sent: nothing decoded, no dots resolved. */
  readonly path: string;
  /** Decoded query. */
  readonly query: URLSearchParams;
  /** `X-Real-IP`: the client's address as the web server saw it; null if absent. */
  readonly client: string | null;
  /** `X-Forwarded-For` and `Forwarded` as the web server wrote them; null if absent. */
  readonly forwarded: { readonly 'x-forwarded-for': string | null; readonly forwarded: string | null };
  /** `X-Web-Server`: name of the web server that passed the request on; null if absent. */
  readonly web: string | null;
  /** Reads the body as JSON. Throws HttpError 413, 415 or 400. */
  readonly json: () => Promise<unknown>;
}

/** Response of a handler. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** Further headers; they override the headers of every response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

/** Parses a request. The headers that Nginx sets are trusted: only Nginx gets here. */
export function toRequest(incoming: IncomingMessage): Request {
  const target = incoming.url ?? '/';
  const queryAt = target.indexOf('?');
  const address = header(incoming, 'x-real-ip', /^[\da-f.:]{2,45}$/i);
  return {
    id: header(incoming, 'x-request-id', /^[\w.-]{1,128}$/) ?? randomUUID(),
    connection: header(incoming, 'x-connection-id', /^[\w-]{1,128}$/),
    method: incoming.method ?? 'GET',
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt)),
    client: address !== null && isIP(address) !== 0 ? address : null,
    forwarded: {
      'x-forwarded-for': header(incoming, 'x-forwarded-for', PRINTABLE),
      forwarded: header(incoming, 'forwarded', PRINTABLE),
    },
    web: header(incoming, 'x-web-server', /^[-\w.]{1,253}$/),
    json: () => readJson(incoming),
  };
}

/** Sends an answer. `HEAD` gets no body; `last` closes the connection afterwards. */
export function send(response: ServerResponse, request: Request, answer: Answer, last: boolean): void {
  const isText = typeof answer.body === 'string' || Buffer.isBuffer(answer.body);
  const body = isText ? (answer.body as string | Buffer) : `${JSON.stringify(answer.body)}\n`;
  const headers: Record<string, string | number> = {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': request.id,
    'Content-Length': Buffer.byteLength(body),
    ...answer.headers,
  };
  if (last) headers.Connection = 'close';
  response.writeHead(answer.status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function header(incoming: IncomingMessage, name: string, pattern: RegExp): string | null {
  const value = incoming.headers[name];
  return typeof value === 'string' && pattern.test(value) ? value : null;
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(incoming.headers['content-type'] ?? '')) {
    throw new HttpError(415, 'Content-Type: must be application/json in UTF-8', { Accept: 'application/json' });
  }
  const bytes = await readBody(incoming);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new HttpError(400, 'body: must be JSON in UTF-8');
  }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const tooLarge = new HttpError(413, `body: must have at most ${BODY_LIMIT} bytes`);
  if (Number(incoming.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => incoming.destroy(new Error('body timeout')), BODY_TIMEOUT_MS);
  try {
    // By default, the connection would close before the client has read the error.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).length;
      if (size > BODY_LIMIT) throw tooLarge;
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError(400, 'body: did not arrive completely');
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
}
