import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { Agent, request } from 'node:https';
import { createSecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Visitor } from './visitor';

/** Protocol and connection of a request. */
export type Kind = 'HTTP/1.1 new' | 'HTTP/1.1 kept' | 'HTTP/2 new' | 'HTTP/2 kept';

/** Seconds after which a visitor gives up and closes the connection. */
const PATIENCE = 10;

/**
 * Ports that new connections come from, one after the other: at a hundred a second none is used again within eight minutes. Many
 * visitors do not repeat one sooner either, and Cilium (1.19 at least) loses a connection whose port was used before when it begins
 * while the expired ones are swept out, every five minutes at most: https://github.com/cilium/cilium/issues/46298
 */
const PORTS = { first: 10_000, count: 51_000 };
/** Another socket has the port, or had it a minute ago. */
const TAKEN: readonly unknown[] = ['EADDRINUSE', 'EADDRNOTAVAIL'];

/**
 * Bytes of answers that may be under way on an HTTP/2 connection, as Chrome allows it. Node's own 64 KiB are spent by nine small files, and
 * then each answer waits until this process, which may be busy, has said that it has read them.
 * @see https://source.chromium.org/chromium/chromium/src/+/main:net/http/http_network_session.cc
 */
const WINDOW = 15 * 2 ** 20;

/** How many ports have been used; one trial goes on where the one before it ended. */
let used = Math.floor(Math.random() * PORTS.count);

/**
 * GETs over new and over kept connections. A kept connection that the server announced to close (GOAWAY, `Connection: close`) is
 * left as a browser leaves it. A request is sent again only where the protocol says that the server has not looked at it, on a
 * stream it refused: https://www.rfc-editor.org/rfc/rfc9113#section-8.7
 */
export class Requests {
  /** Requests on streams that the server refused unread, sent again. */
  refused = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });
  private session?: ClientHttp2Session;
  private readonly sessions = new Set<ClientHttp2Session>();
  // created once: parsing the CA for each connection costs more than the handshake
  private readonly secureContext: ReturnType<typeof createSecureContext>;

  constructor(
    private readonly visitor: Visitor,
    private readonly path: string,
  ) {
    this.secureContext = createSecureContext({ ca: visitor.ca });
  }

  /** Ends all connections, also those whose other end is gone and would never say so. */
  close(): void {
    this.agent.destroy();
    for (const session of this.sessions) session.destroy();
  }

  /** @returns the answer's status */
  send(kind: Kind): Promise<number> {
    switch (kind) {
      case 'HTTP/1.1 new':
        return this.fromNewPort((localPort) => this.ask1({ agent: false, localPort }));
      case 'HTTP/1.1 kept':
        return this.ask1({ agent: this.agent });
      case 'HTTP/2 new':
        return this.fromNewPort((localPort) => {
          const session = this.open(localPort);
          return ask2(session, this.path).finally(() => session.close());
        });
      case 'HTTP/2 kept':
        return this.askKept().catch((error) => {
          if (!(error instanceof Refused)) throw error;
          this.refused++;
          this.session = undefined;
          return this.askKept();
        });
    }
  }

  /**
   * Sends from the next port that is free on this machine; the number of attempts is bounded, so that a lack of ports
   * shows.
   */
  private fromNewPort(ask: (localPort: number) => Promise<number>, tries = 20): Promise<number> {
    return ask(PORTS.first + (used++ % PORTS.count)).catch((error: NodeJS.ErrnoException) => {
      if (tries === 1 || !TAKEN.includes(codeOf(error))) throw error;
      return this.fromNewPort(ask, tries - 1);
    });
  }

  private ask1(from: { readonly agent: Agent | false; readonly localPort?: number }): Promise<number> {
    const { secureContext } = this;
    const { domain: servername } = this.visitor;
    return new Promise((resolve, reject) => {
      const host = this.visitor.address;
      const headers = { host: servername };
      const options = { host, port: 443, path: this.path, servername, headers, secureContext, ...from };
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

  private open(localPort?: number): ClientHttp2Session {
    const { secureContext } = this;
    const { domain: servername } = this.visitor;
    const options = { host: this.visitor.address, port: 443, servername, secureContext, localPort };
    const session = connect(`https://${servername}`, {
      createConnection: () => tlsConnect({ ...options, ALPNProtocols: ['h2'] }),
    });
    this.sessions.add(session);
    session.on('connect', () => session.setLocalWindowSize(WINDOW));
    const leave = (): void => {
      if (this.session === session) this.session = undefined;
    };
    session.on('goaway', leave);
    session.on('close', () => {
      this.sessions.delete(session);
      leave();
    });
    // a failed session fails its streams, which is where it is counted
    session.on('error', () => undefined);
    return session;
  }
}

/** A visitor's time-out, and what was waited for. */
export class Late extends Error {
  /** The connection's source port, which is in the load balancer's log. */
  readonly port?: number;

  constructor(socket: TLSSocket | null) {
    // there is no cipher before the handshake's end, whatever its type says
    const opened = socket && !socket.connecting;
    const what = !opened
      ? 'before the connection was open'
      : socket.getCipher()?.name
        ? 'for an answer'
        : 'in the handshake';
    super(`timeout ${what}`);
    this.port = socket?.localPort;
  }
}

/** Why a connection failed; a stream that failed with it has that as its cause. */
export const codeOf = ({ code, cause }: NodeJS.ErrnoException): string | undefined =>
  (cause as NodeJS.ErrnoException | undefined)?.code ?? code;

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
