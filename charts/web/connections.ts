import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { wholeCores } from '../pod';

/** Buffers of an answer on its way, beside the one of its header: `proxy_buffers`, number and bytes of each. */
export const ANSWER_BUFFERS = [8, 4096] as const;

/** What nginx keeps of a body before it is read: `http2_body_preread_size`, and the buffer of a connection. */
const BODY_BUFFERS = 64 * 1024;

/** What nginx needs before the first connection: shared zones, and each worker. */
const BYTES_AT_REST = 24 * 2 ** 20;
const BYTES_PER_WORKER = 8 * 2 ** 20;
/** Files a container may usually open. */
const MOST_CONNECTIONS = 8000;
/** Logs of the container, and figures: what no visitor's request is spooled into. */
const BYTES_OF_LOGS = 80 * 2 ** 20;
/** More of one body or answer is not spooled, wherever there is room. */
const MOST_SPOOLED = 1_000_000;

/** Memory of one request at its most: header, body, header of the answer, answer. Idle connections take less: docs/decisions/limits.md */
const bytesPerRequest = ({ limits }: Config): number =>
  4 * bytes(limits.headerSize) + BODY_BUFFERS + bytes(limits.answerHeaderSize) + ANSWER_BUFFERS[0] * ANSWER_BUFFERS[1];

/** Connections, those to app servers included, that fit into the memory limit of a web server, for each worker: two a request. */
export function workerConnections(config: Config): number {
  const { web } = config;
  const workers = wholeCores(web.resources);
  const cache = web.microCache ? bytes(web.microCache.size) : 0;
  const memory = bytes(web.resources.limits.memory) - BYTES_AT_REST - cache - workers * BYTES_PER_WORKER;
  const requests = Math.min(MOST_CONNECTIONS / 2, memory / bytesPerRequest(config));
  return 2 * Math.max(128, Math.floor(requests / workers));
}

/** The most that `limit_conn` takes. */
const MOST_AT_ONCE = 65_535;

/** Requests that may run at the same time in a web server, those of all visitors together. */
export const requestsAtOnce = (config: Config): number =>
  Math.min(MOST_AT_ONCE, (workerConnections(config) / 2) * wholeCores(config.web.resources));

/**
 * Bytes of one body, and of one answer, that a web server takes off an app server's hands while the visitor is slow: all
 * requests at once fit into its volume. One digit and noughts, because nginx compares lengths by their digits.
 */
export function spooledBytes(config: Config): number {
  const room = bytes(config.web.resources.limits['ephemeral-storage']) - BYTES_OF_LOGS;
  const each = Math.min(MOST_SPOOLED, Math.max(0, room) / (2 * requestsAtOnce(config)));
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, each))));
  return Math.floor(each / unit) * unit;
}

/** Size of the volume into which bodies and answers are spooled. */
export const spoolVolume = (config: Config): string =>
  `${16 + Math.ceil((2 * requestsAtOnce(config) * spooledBytes(config)) / 2 ** 20)}Mi`;
