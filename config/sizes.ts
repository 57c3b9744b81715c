import { bytes } from './fields';
import type { Config } from './schema';

const MIB = 2 ** 20;

/** Sizes derived from the limits of a database's pod. */
export interface Sizes {
  /** Page cache, in MiB. */
  readonly bufferPool: number;
  /** Group messages that a member buffers for an absent one, in MiB; 0 without a group. */
  readonly groupCache: number;
  /** Write-ahead log on the volume, in MiB. */
  readonly redoLog: number;
  /** In-memory temporary tables of all sessions together, in MiB. */
  readonly temporaryTables: number;
  /** Binary logs that are kept at most, in MiB. */
  readonly binaryLogs: number;
  /** Connections of all accounts together. */
  readonly connections: number;
  /** Threads with which a replica or member applies what it received. */
  readonly appliers: number;
}

/** Connections reserved for replication, monitoring, probes, backup and administrators. */
export const RESERVED_CONNECTIONS = 24;

/**
 * Memory of a session that sorts and writes, in MiB; 500 at once took 0.66 each, and the server keeps it afterwards.
 */
const SESSION = 0.7;

/** Memory that an applier keeps, in MiB: sixteen kept 183 once they had applied 1,100 rows of 1 MiB each. */
const APPLIER = 12;

/**
 * Sizes for a memory limit of 384 MiB or more and a volume. They allow for all pages and all connections in use at
 * once. Other memory of the server grows with the limit: 256 MiB plus less than a fifth of the limit (9.7 with the
 * performance schema as set below: 524 MiB at 2,300, measured with every page in use).
 */
export function sizesOf({
  resources,
  storage,
  topology,
}: Pick<Config['database'], 'resources' | 'storage' | 'topology'>): Sizes {
  const limit = bytes(resources.limits.memory) / MIB;
  // 128 is the minimum, and the default, 1 GiB, exceeds most limits
  const groupCache = topology === 'group' ? Math.floor(Math.max(128, Math.min(1024, limit / 16))) : 0;
  const connections = Math.min(2000, Math.max(64, Math.floor(limit / 4)));
  // while each waits for its turn to commit the coordinator spins: four had it use a third of a processor, sixteen a hundredth
  const appliers = Math.max(4, Math.min(16, Math.floor(limit / 128)));
  const pages = limit * 0.8 - 256 - groupCache - connections * SESSION - appliers * APPLIER;
  // InnoDB rounds up to whole chunks of 128 MiB
  const bufferPool = pages < 128 ? 64 : Math.floor(pages / 128) * 128;
  const volume = bytes(storage.size) / MIB;
  return {
    bufferPool,
    groupCache,
    redoLog: Math.floor(Math.max(64, Math.min(2048, volume / 10, Math.max(100, bufferPool / 4)))),
    binaryLogs: Math.floor(volume / 4),
    temporaryTables: Math.max(16, Math.floor(limit / 16)),
    connections,
    appliers,
  };
}
