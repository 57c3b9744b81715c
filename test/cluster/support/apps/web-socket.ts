import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { eventually } from '../eventually';
import type { Visitor } from '../visitor';

/** Milliseconds between two messages. */
const PERIOD_MS = 500;

/** How a WebSocket ended: with a close frame, as TLS and TCP end in order, or cut. */
export type End = 'close frame' | 'in order' | string;

/** A visitor's WebSocket that sends a message twice a second and counts the echoes. */
class WebSocketVisit {
  /** Echoes so far. */
  echoes = 0;
  /** Longest time, in ms, between two echoes. */
  silence = 0;
  /** Undefined while it is open. */
  end?: End;
  /** `performance.now()` of its end. */
  ended = 0;
  /** Resolves at its end. */
  readonly over: Promise<void>;
  private last = performance.now();
  private resolve: () => void = () => {};
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly socket: Duplex) {
    this.over = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.timer = setInterval(() => socket.write(masked('echo')), PERIOD_MS);
    socket.on('data', (frame: Buffer) => this.take(frame));
    socket.on('end', () => this.finish('in order'));
    socket.on('error', (error: NodeJS.ErrnoException) => this.finish(error.code ?? error.message));
    socket.on('close', () => this.finish('closed without an end'));
  }

  /** Opens one. @throws Error unless the answer is 101 */
  static open(visitor: Visitor, path = '/'): Promise<WebSocketVisit> {
    return new Promise((resolve, reject) => {
      const { address: host, domain, ca } = visitor;
      const headers = {
        host: domain,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      };
      const asked = request({ host, port: 443, servername: domain, ca, path, headers, agent: false, timeout: 10_000 });
      asked.on('upgrade', (_, socket) => resolve(new WebSocketVisit(socket)));
      asked.on('response', ({ statusCode }) => reject(new Error(`answered ${statusCode}, not 101`)));
      asked.on('timeout', () => asked.destroy(new Error('no answer within 10 s')));
      asked.on('error', reject);
      asked.end();
    });
  }

  /** Closes it from this side. */
  close(): void {
    this.finish('closed by the visitor');
    this.socket.destroy();
  }

  private take(frame: Buffer): void {
    if (frame[0] === 0x88) {
      this.finish('close frame');
      return;
    }
    const now = performance.now();
    this.silence = Math.max(this.silence, now - this.last);
    this.last = now;
    this.echoes++;
  }

  private finish(how: End): void {
    clearInterval(this.timer);
    if (this.end) return;
    this.end = how;
    this.ended = performance.now();
    this.resolve();
  }
}

/** A text frame of a client, which masks what it sends: https://www.rfc-editor.org/rfc/rfc6455#section-5.3 */
function masked(text: string): Buffer {
  const mask = randomBytes(4);
  const body = Buffer.from(text).map((byte, n) => byte ^ (mask[n % 4] ?? 0));
  return Buffer.concat([Buffer.from([0x81, 0x80 | body.length]), mask, body]);
}

/** What became of the WebSockets that were open while servers were replaced. */
export interface Ends {
  /** How many ended in which way. */
  readonly how: Readonly<Record<End, number>>;
  /** Seconds from the beginning of the replacement to the first and the last end. */
  readonly seconds: readonly [first: number, last: number];
  /** Longest time, in seconds, that any of them waited for an echo before its end. */
  readonly silence: number;
  /** How many could connect again the moment that theirs had ended. */
  readonly again: number;
}

/**
 * Holds WebSockets open while `event` replaces servers, until each has ended.
 * @param seconds after `event` at which the last must have ended
 */
export async function throughout(
  visitor: Visitor,
  count: number,
  event: () => Promise<unknown>,
  seconds: number,
): Promise<Ends> {
  const visits = await Promise.all(Array.from({ length: count }, () => WebSocketVisit.open(visitor)));
  const reconnect = async (visit: WebSocketVisit): Promise<boolean> => {
    await visit.over;
    return WebSocketVisit.open(visitor).then(
      (next) => {
        next.close();
        return true;
      },
      () => false,
    );
  };
  const reconnections = visits.map(reconnect);
  const begun = performance.now();
  try {
    await event();
    await eventually('every WebSocket has ended', seconds, async () => visits.every(({ end }) => end));
  } finally {
    for (const visit of visits) visit.close();
  }
  const again = (await Promise.all(reconnections)).filter(Boolean).length;
  const how: Record<End, number> = {};
  for (const { end = 'open' } of visits) how[end] = (how[end] ?? 0) + 1;
  const ends = visits.map(({ ended }) => (ended - begun) / 1000);
  return {
    how,
    seconds: [Math.min(...ends), Math.max(...ends)],
    silence: Math.max(...visits.map(({ silence }) => silence)) / 1000,
    again,
  };
}
