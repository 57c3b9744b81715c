import type { Stored } from './store';

/**
 * A shipped part of a binary log, `binlogs/<server_uuid>/<file>/<first>-<end>-<shipped>.gz.age`: binary logs only grow, so what
 * was shipped stays as it is and the next part begins where it ends.
 */
export interface Piece {
  readonly key: string;
  readonly server: string;
  readonly file: string;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset behind its last byte. */
  readonly end: number;
  /** When it was shipped, in milliseconds. */
  readonly shipped: number;
}

/** How far a server's binary logs are in the store. */
export interface Until {
  readonly server: string;
  /** Every transaction committed until then is in the store: RFC 3339, UTC. */
  readonly time: string;
  /** Transactions of the server at that time. */
  readonly gtids: string;
}

const DIGITS = 12;
const offset = (bytes: number): string => String(bytes).padStart(DIGITS, '0');

/** Key of a part that is shipped now. */
export const keyOfPiece = (server: string, file: string, start: number, end: number, shipped: number): string =>
  `binlogs/${server}/${file}/${offset(start)}-${offset(end)}-${shipped}.gz.age`;

/** Said by a run that left nothing behind; a restore ships until it hears this. */
export const ALL_SHIPPED = 'all there is until';

/** Key of a server's `Until`. */
export const keyOfUntil = (server: string): string => `binlogs/${server}/until.json`;

/** The parts among objects. */
export const piecesIn = (objects: readonly Stored[]): Piece[] =>
  objects.flatMap(({ key }) => {
    const [, server, file, start, end, shipped] =
      /^binlogs\/([-0-9a-f]{36})\/([^/]+)\/(\d+)-(\d+)-(\d+)\.gz\.age$/.exec(key) ?? [];
    return server && file
      ? [{ key, server, file, start: Number(start), end: Number(end), shipped: Number(shipped) }]
      : [];
  });

/** A binary log as far as it was shipped. */
export interface Log {
  readonly server: string;
  readonly file: string;
  /** Parts that follow each other from the first byte on. */
  readonly pieces: readonly Piece[];
  /** Bytes that are there without a gap, from the first one on. */
  readonly end: number;
  /** Offset where the next part should begin and none does although later ones are there. @default - no gap */
  readonly gap?: number;
  readonly lastShipped: number;
}

/** Binary logs put together from their parts: of each server in order, the server of the last shipment first. */
export function logsOf(pieces: readonly Piece[]): Log[] {
  const groups = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const id = `${piece.server}/${piece.file}`;
    groups.set(id, [...(groups.get(id) ?? []), piece]);
  }
  const logs = [...groups.values()].map(assemble);
  const ended = (server: string) => Math.max(...logs.filter((log) => log.server === server).map((l) => l.lastShipped));
  return logs.sort((a, b) =>
    a.server === b.server
      ? a.file < b.file
        ? -1
        : 1
      : ended(b.server) - ended(a.server) || (a.server < b.server ? -1 : 1),
  );
}

function assemble(all: readonly Piece[]): Log {
  const { server = '', file = '' } = all[0] ?? {};
  const chain: Piece[] = [];
  let end = 0;
  for (;;) {
    // two runs at once may have shipped from the same offset: the longer one has all that the other has
    const [next] = all.filter(({ start, end: e }) => start === end && e > end).sort((a, b) => b.end - a.end);
    if (!next) break;
    chain.push(next);
    end = next.end;
  }
  return {
    server,
    file,
    pieces: chain,
    end,
    gap: all.some((piece) => piece.end > end) ? end : undefined,
    lastShipped: Math.max(...all.map(({ shipped }) => shipped)),
  };
}

/**
 * Of each server the logs up to its first gap: another server's may hold what lies behind it.
 * @returns also what is wrong with the server of the last shipment, beyond which nothing can be restored
 */
export function whole(logs: readonly Log[]): { readonly logs: readonly Log[]; readonly broken: string } {
  const cut = new Set<string>();
  const kept = logs.filter(({ server, gap }) => {
    if (cut.has(server)) return false;
    if (gap !== undefined) cut.add(server);
    return true;
  });
  const gap = kept.find((log) => log.gap !== undefined && log.server === logs[0]?.server);
  return { logs: kept, broken: gap ? `${gap.file} of ${gap.server} has a gap at ${gap.gap}: a part is missing` : '' };
}
