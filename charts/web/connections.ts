import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { wholeCores } from '../pod';

/** Buffers of a response's body: `proxy_buffers`, number and bytes of each. */
export const ANSWER_BUFFERS = [8, 4096] as const;

/** What nginx takes of every body of HTTP/2 before it knows where it goes: the default of `http2_body_preread_size`. */
const PREREAD = 64 * 1024;

/** Buffer for the body of a request. One larger than nginx takes anyhow is also the window of an upload over HTTP/2. */
const bodyBuffer = ({ limits }: Config): number => Math.max(PREREAD, bytes(limits.uploadWindow));

/** @see docs/decisions/large-answers.md */
export const bodyBufferLines = (config: Config): string[] =>
  bodyBuffer(config) > PREREAD ? [`client_body_buffer_size ${bodyBuffer(config)};`] : [];

/** Memory of nginx before the first connection: shared zones, and each worker. */
const BYTES_AT_REST = 24 * 2 ** 20;
const BYTES_PER_WORKER = 8 * 2 ** 20;
/** Usual limit of open files in a container. */
const MOST_CONNECTIONS = 8000;
/** Bytes of ephemeral storage for the container's logs and metrics, not for spooled requests. */
const BYTES_OF_LOGS = 80 * 2 ** 20;
/** Most bytes of one body or response that are spooled, however large the volume. */
const MOST_SPOOLED = 1_000_000;

/**
 * Peak memory of one request: its header and body, the response's header and body. Idle connections take less:
 * docs/decisions/limits.md
 */
const bytesPerRequest = (config: Config): number =>
  4 * bytes(config.limits.headerSize) +
  bodyBuffer(config) +
  bytes(config.limits.answerHeaderSize) +
  ANSWER_BUFFERS[0] * ANSWER_BUFFERS[1];

/**
 * Connections per worker that fit into a web server's memory limit, including connections to app servers: two per
 * request.
 */
export function workerConnections(config: Config): number {
  const { web } = config;
  const workers = wholeCores(web.resources);
  const cache = web.microCache ? bytes(web.microCache.size) : 0;
  const memory = bytes(web.resources.limits.memory) - BYTES_AT_REST - cache - workers * BYTES_PER_WORKER;
  const requests = Math.min(MOST_CONNECTIONS / 2, memory / bytesPerRequest(config));
  return 2 * Math.max(128, Math.floor(requests / workers));
}

/** Largest value that `limit_conn` accepts. */
const MOST_AT_ONCE = 65_535;

/** Concurrent requests of a web server, all visitors together. */
export const requestsAtOnce = (config: Config): number =>
  Math.min(MOST_AT_ONCE, (workerConnections(config) / 2) * wholeCores(config.web.resources));

/**
 * Bytes of one body, and of one response, that a web server spools for a slow visitor so that the app server is free:
 * all concurrent requests fit into its volume. One digit followed by zeros, because nginx compares lengths digit by
 * digit.
 */
export function spooledBytes(config: Config): number {
  const room = bytes(config.web.resources.limits['ephemeral-storage']) - BYTES_OF_LOGS;
  const each = Math.min(MOST_SPOOLED, Math.max(0, room) / (2 * requestsAtOnce(config)));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, each))));
  return Math.floor(each / unit) * unit;
}

/** Size of the volume into which bodies and responses are spooled. */
export const spoolVolume = (config: Config): string =>
  `${16 + Math.ceil((2 * requestsAtOnce(config) * spooledBytes(config)) / 2 ** 20)}Mi`;
