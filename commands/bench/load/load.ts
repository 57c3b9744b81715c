/** How a load generator uses its connections. */
export type Client =
  /** HTTP/1.1 over persistent connections. */
  | 'http/1.1'
  /** HTTP/2 over TLS: persistent connections with several concurrent requests. */
  | 'http/2'
  /** HTTP/1.1 over TLS with a new connection and a full handshake per request. */
  | 'full handshake'
  /** The same, but each connection offers the TLS session of the previous one. */
  | 'resumption';

/** Target, request and intensity of a load. */
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
  /** Concurrent connections. */
  readonly connections: number;
  /** Concurrent requests on each HTTP/2 connection. @default 1 */
  readonly streams?: number;
  readonly seconds: number;
  /** Ends after this number of responses and failures instead. @default - after `seconds` */
  readonly requests?: number;
  /**
   * Requests per second; latencies count from the time a request was due. @default - each slot sends without a pause
   */
  readonly rate?: number;
}

/** Result of a load. */
export interface Measured {
  /** Responses, of every status. */
  readonly requests: number;
  /** Responses other than 200, and requests whose connection broke. */
  readonly failures: number;
  /** Requests; at a fixed rate the ones due within the time. */
  readonly perSecond: number;
  /** Latency of a request in milliseconds; with a connection per request, from the start of the connection. */
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  /** CPU seconds of the load generator itself, for all its concurrent loads. */
  readonly cpuSeconds: number;
  /** Share of the requests whose TLS session was resumed, 0 to 1. */
  readonly resumed: number;
}

/** Loads that run concurrently, several times: disturbances of the machine then affect all alike. */
export interface Rounds {
  readonly loads: readonly Load[];
  readonly rounds: number;
}

/** Seconds of load before each measurement. */
export const WARM_UP_SECONDS = 1;
/** Seconds that responses at a fixed rate may be late: without the last ones, the p99 would be too low. */
export const LATE_SECONDS = 0.3;
