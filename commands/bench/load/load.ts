/** How a load generator uses its connections. */
export type Client =
  /** HTTP/1.1, connections are kept. */
  | 'http/1.1'
  /** HTTP/2 over TLS, connections are kept and carry several requests at a time. */
  | 'http/2'
  /** HTTP/1.1, a connection for each request, over TLS with a full handshake. */
  | 'full handshake'
  /** The same, but a connection offers the TLS session of the one before it. */
  | 'resumption';

/** What is asked for, where, and how hard. */
export interface Load {
  /** @default http/1.1 */
  readonly client?: Client;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Host header and, over TLS, the server's name. */
  readonly name: string;
  readonly tls: boolean;
  /** Send a PROXY protocol v2 header first, as the load balancer does: a web server refuses connections without one. */
  readonly proxyHeader: boolean;
  /** At a time. */
  readonly connections: number;
  /** Requests at a time on each connection of HTTP/2. @default 1 */
  readonly streams?: number;
  readonly seconds: number;
  /** Ends after so many answers and failures instead, however long that takes. @default - after `seconds` */
  readonly requests?: number;
  /** Requests per second; latencies count from when a request was due. Left out: each place asks without a pause. */
  readonly rate?: number;
}

/** What came of it. */
export interface Measured {
  /** Answers, of every status. */
  readonly requests: number;
  /** Answers other than 200, and requests whose connection broke. */
  readonly failures: number;
  /** Requests; at a fixed rate those that were due within the time. */
  readonly perSecond: number;
  /** Of a request; where each has a connection of its own, from when that was begun. */
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** CPU seconds of the load generator itself, for all loads that it puts on side by side. */
  readonly cpuSeconds: number;
  /** Share of the requests whose TLS session was resumed, 0 to 1. */
  readonly resumed: number;
}

/** Loads that are put on side by side, several times: whatever the machine does meanwhile meets all of them alike. */
export interface Rounds {
  readonly loads: readonly Load[];
  readonly rounds: number;
}

/** Seconds of load before each measurement. */
export const WARM_UP_SECONDS = 1;
/** Seconds that answers at a fixed rate may be late: without those that were due at the very end p99 would be too good. */
export const LATE_SECONDS = 0.3;
