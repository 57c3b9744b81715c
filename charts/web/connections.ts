import { bytes } from '../../config/fields';
import type { Config } from '../../config/schema';
import { wholeCores } from '../pod';

/**
 * Memory of one connection. Measured: 32 KiB idle over HTTP/2, 42 KiB with a header on its way; an answer of an app server
 * on its way takes up to 36 KiB more: docs/decisions/limits.md
 */
const BYTES_PER_CONNECTION = 64 * 1024;
/** What nginx needs before the first connection: shared zones, and each worker. */
const BYTES_AT_REST = 24 * 2 ** 20;
const BYTES_PER_WORKER = 8 * 2 ** 20;
/** Files a container may usually open. */
const MOST_CONNECTIONS = 8000;

/** Connections, those to app servers included, that fit into the memory limit of a web server, for each worker. */
export function workerConnections({ web }: Config): number {
  const workers = wholeCores(web.resources);
  const cache = web.microCache ? bytes(web.microCache.size) : 0;
  const memory = bytes(web.resources.limits.memory) - BYTES_AT_REST - cache - workers * BYTES_PER_WORKER;
  return Math.max(256, Math.floor(Math.min(MOST_CONNECTIONS, memory / BYTES_PER_CONNECTION) / workers));
}
