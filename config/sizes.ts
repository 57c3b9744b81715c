import { bytes } from './fields';
import type { Config } from './schema';

const MIB = 2 ** 20;

/** Sizes that follow from what a database's pod may use. */
export interface Sizes {
  /** Page cache, in MiB. */
  readonly bufferPool: number;
  /** Write-ahead log on the volume, in MiB. */
  readonly redoLog: number;
  /** In-memory temporary tables of all sessions together, in MiB. */
  readonly temporaryTables: number;
  /** Binary logs that are kept at most, in MiB. */
  readonly binaryLogs: number;
  /** Connections of all accounts together. */
  readonly connections: number;
}

/** Connections that the app never gets: replication, monitoring, probes, backup and whoever comes to help. */
export const RESERVED_CONNECTIONS = 24;

/**
 * Sizes for a memory limit of 384 MiB or more and a volume.
 * The server needs some 200 MiB before it holds a page (9.7 with the performance schema as set below), and a fifth of the
 * limit is left for connections, sorts and the peak of a clone.
 */
export function sizesOf({ resources, storage }: Pick<Config['database'], 'resources' | 'storage'>): Sizes {
  const limit = bytes(resources.limits.memory) / MIB;
  const pages = limit * 0.8 - 256;
  // InnoDB rounds up to whole chunks of 128 MiB
  const bufferPool = pages < 128 ? 64 : Math.floor(pages / 128) * 128;
  const volume = bytes(storage.size) / MIB;
  return {
    bufferPool,
    redoLog: Math.floor(Math.max(64, Math.min(2048, volume / 10, Math.max(100, bufferPool / 4)))),
    binaryLogs: Math.floor(volume / 4),
    temporaryTables: Math.max(16, Math.floor(limit / 16)),
    connections: Math.min(2000, Math.max(64, Math.floor(limit / 4))),
  };
}
