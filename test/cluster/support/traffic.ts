import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { Agent, request } from 'node:https';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { config } from './kubectl';
import type { Visitor } from './visitor';

/** How a request travels: each kind gets a quarter of the traffic. */
const KINDS = ['HTTP/1.1 new', 'HTTP/1.1 kept', 'HTTP/2 new', 'HTTP/2 kept'] as const;
type Kind = (typeof KINDS)[number];

/** What became of the requests. */
export interface Tally {
  readonly sent: number;
  readonly ok: number;
  /** Everything that a visitor would have noticed: `<kind>: <status or error>` and how often. */
  readonly failed: Readonly<Record<string, number>>;
  /** When the first of them were sent, as UTC times, and from which port those that were not answered. */
  readonly examples: readonly string[];
  /** Requests on streams that the server refused unread, sent again. */
  readonly refused: number;
  /** Requests whose connection was lost under them, sent again once. */
  readonly repeated: number;
  /** Seconds between the first and the last of them, 0 without any. */
  readonly repeating: number;
  /** Seconds between the first and the last sending of a request that failed, 0 without any. */
  readonly outage: number;
  /** Longest time, in seconds, that this machine kept the traffic itself waiting: what it could not send then, it did not. */
  readonly pause: number;
}

/** Seconds after which a visitor gives up, and the connection with it. */
const PATIENCE = 10;
const TIMEOUT = 'timeout';
/** Failures of which the time is told. */
const EXAMPLES = 20;
/** Longest pause of this process, in seconds, whose requests are made up for. */
const CATCH_UP = 0.25;

/**
 * A steady stream of GETs at a fixed rate, half over new and half over kept connections, half HTTP/1.1 and half HTTP/2.
 * A kept connection that the server announced to close (GOAWAY, `Connection: close`) is left as a browser leaves it. A
 * request is sent again only where the protocol says that the server has not looked at it, on a stream it refused:
 * https://www.rfc-editor.org/rfc/rfc9113#section-8.7
 */
export class Traffic {
  private sent = 0;
  private ok = 0;
  private readonly failed: Record<string, number> = {};
  private readonly examples: string[] = [];
  private refused = 0;
  private repeated = 0;
  private readonly failing = new Span();
  private readonly repeating = new Span();
  private readonly running = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;
  private readonly agent: Agent;
  private session?: ClientHttp2Session;
  private pause = 0;
  // made once: to read the authority anew for each connection costs more than the handshake
  private readonly secureContext: ReturnType<typeof createSecureContext>;

  /**
   * @param path what is asked for
   * @param rate requests per second
   * @param repeats whether a GET whose connection was lost is sent again, as browsers do and HTTP allows
   *   (https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)
   */
  constructor(
    private readonly visitor: Visitor,
    private readonly path: string,
    rate: number,
    private readonly repeats = false,
  ) {
    this.secureContext = createSecureContext({ ca: visitor.ca });
    this.agent = new Agent({ keepAlive: true, maxSockets: 8 });
    let last = performance.now();
    let due = 0;
    this.timer = setInterval(() => {
      const passed = (performance.now() - last) / 1000;
      last += passed * 1000;
      this.pause = Math.max(this.pause, passed);
      due += Math.min(passed, CATCH_UP) * rate;
      while (this.sent < due) this.send(KINDS[this.sent % KINDS.length] ?? 'HTTP/1.1 new');
    }, 5);
  }

  get count(): number {
    return this.sent;
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<Tally> {
    clearInterval(this.timer);
    await Promise.all(this.running);
    this.agent.destroy();
    this.session?.close();
    const { sent, ok, failed, examples, refused, repeated, pause } = this;
    return {
      sent,
      ok,
      failed,
      examples,
      refused,
      repeated,
      repeating: this.repeating.seconds,
      outage: this.failing.seconds,
      pause,
    };
  }

  private send(kind: Kind): void {
    this.sent++;
    const begun = Date.now();
    const fail = (what: string, { port }: { port?: number } = {}): void => {
      this.failed[what] = (this.failed[what] ?? 0) + 1;
      this.failing.add(begun);
      const from = port ? `, from port ${port}` : '';
      if (this.examples.length < EXAMPLES) this.examples.push(`${new Date(begun).toISOString()} ${what}${from}`);
    };
    const tracked: Promise<void> = this.persist(kind, begun)
      .then(
        (status) => (status >= 200 && status < 300 ? this.ok++ : fail(`${kind}: ${status}`)),
        (error: NodeJS.ErrnoException & Partial<Late>) => fail(`${kind}: ${error.code ?? error.message}`, error),
      )
      .then(() => {
        this.running.delete(tracked);
      });
    this.running.add(tracked);
  }

  private persist(kind: Kind, begun: number): Promise<number> {
    const first = this.request(kind);
    if (!this.repeats) return first;
    return first.catch((error: Error) => {
      if (error.message.startsWith(TIMEOUT)) throw error;
      this.repeated++;
      this.repeating.add(begun);
      return this.request(kind.startsWith('HTTP/2') ? 'HTTP/2 new' : 'HTTP/1.1 new');
    });
  }

  private request(kind: Kind): Promise<number> {
    switch (kind) {
      case 'HTTP/1.1 new':
        return this.ask1(false);
      case 'HTTP/1.1 kept':
        return this.ask1(this.agent);
      case 'HTTP/2 new': {
        const session = this.open();
        return ask2(session, this.path).finally(() => session.close());
      }
      case 'HTTP/2 kept':
        return this.askKept().catch((error) => {
          if (!(error instanceof Refused)) throw error;
          this.refused++;
          this.session = undefined;
          return this.askKept();
        });
    }
  }

  private ask1(agent: Agent | false): Promise<number> {
    const { secureContext } = this;
    const { domain: servername } = config;
    return new Promise((resolve, reject) => {
      const host = this.visitor.address;
      const headers = { host: servername };
      const options = { host, port: 443, path: this.path, servername, headers, agent, secureContext };
      const asked = request({ ...options, timeout: PATIENCE * 1000 }, (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.resume();
      });
      asked.on('timeout', () => asked.destroy(new Late(asked.socket as TLSSocket | null)));
      asked.on('error', reject);
      asked.end();
    });
  }

  private askKept(): Promise<number> {
    if (!this.session || this.session.closed || this.session.destroyed) this.session = this.open();
    return ask2(this.session, this.path);
  }

  private open(): ClientHttp2Session {
    const session = connect(`https://${config.domain}`, {
      secureContext: this.secureContext,
      host: this.visitor.address,
      servername: config.domain,
      lookup: (_host, options, done) =>
        options.all ? done(null, [{ address: this.visitor.address, family: 4 }]) : done(null, this.visitor.address, 4),
    });
    const leave = (): void => {
      if (this.session === session) this.session = undefined;
    };
    session.on('goaway', leave);
    session.on('close', leave);
    // a failed session fails its streams, which is where it is counted
    session.on('error', () => undefined);
    return session;
  }
}

/** From the first to the last of some events. */
class Span {
  private first?: number;
  private last = 0;

  add(time: number): void {
    this.first = Math.min(this.first ?? time, time);
    this.last = Math.max(this.last, time);
  }

  get seconds(): number {
    return this.first === undefined ? 0 : (this.last - this.first) / 1000;
  }
}

/** The end of a visitor's patience, and what was waited for. */
class Late extends Error {
  /** By which the load balancer's log knows the connection. */
  readonly port?: number;

  constructor(socket: TLSSocket | null) {
    // there is no cipher before the handshake's end, whatever its type says
    const opened = socket && !socket.connecting;
    const what = !opened
      ? 'before the connection was open'
      : socket.getCipher()?.name
        ? 'for an answer'
        : 'in the handshake';
    super(`${TIMEOUT} ${what}`);
    this.port = socket?.localPort;
  }
}

/** The server closed the stream unread. */
class Refused extends Error {}

const ask2 = (session: ClientHttp2Session, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ [constants.HTTP2_HEADER_PATH]: path, [constants.HTTP2_HEADER_METHOD]: 'GET' });
    let status = 0;
    stream.setTimeout(PATIENCE * 1000, () => {
      stream.destroy(new Late(session.destroyed ? null : (session.socket as TLSSocket)));
      session.destroy();
    });
    stream.on('response', (headers) => {
      status = Number(headers[constants.HTTP2_HEADER_STATUS]);
    });
    stream.on('error', (error) => reject(stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? new Refused() : error));
    stream.on('close', () => (status > 0 ? resolve(status) : reject(new Error(`closed with code ${stream.rstCode}`))));
    stream.resume();
    stream.end();
  });
