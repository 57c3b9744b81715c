import type { Failure, Journal, Moment, Write } from './client/journal';

/** A time during which one server acknowledged writes and no other did. */
export interface Reign {
  readonly server: string;
  readonly from: Moment;
  readonly to: Moment;
}

/** Two changes of the primary within this time are no elections: two servers accept writes at once. */
const SHORTEST_REIGN_MS = 1000;

/**
 * Who accepted writes, one after the other. A write that was under way when the next server acknowledged its first is
 * the end of the reign before, not the beginning of another.
 */
export function reigns(writes: readonly Write[]): Reign[] {
  const found: { server: string; from: Moment; to: Moment }[] = [];
  for (const { server, sent, acknowledged } of [...writes].sort((a, b) => a.acknowledged - b.acknowledged)) {
    const present = found.at(-1);
    if (present?.server === server) present.to = acknowledged;
    else if (!present || sent > present.from) found.push({ server, from: acknowledged, to: acknowledged });
  }
  return found;
}

/**
 * How often two servers accepted writes at once: one acknowledged a write that was sent after another server's
 * acknowledgement, and that other one acknowledged again within a second. Every server is tried several times a second, so
 * two primaries that last as long show as several of these.
 */
export const twoAtOnce = (writes: readonly Write[]): number => {
  const all = reigns(writes);
  return all.filter(({ from, to }, n) => n > 0 && n < all.length - 1 && to - from < SHORTEST_REIGN_MS).length;
};

/** Longest time, in seconds, without an acknowledgement through the Service. */
export function writeOutage(writes: readonly Write[]): number {
  const moments = writes.filter(({ direct }) => !direct).map(({ acknowledged }) => acknowledged);
  moments.sort((a, b) => a - b);
  const gaps = moments.slice(1).map((moment, n) => moment - (moments[n] ?? moment));
  return Math.max(0, ...gaps) / 1000;
}

/** Longest time, in seconds, from the last acknowledgement of one server to the first of the next, through the Service. */
export function handover(writes: readonly Write[]): number {
  const all = reigns(writes.filter(({ direct }) => !direct));
  return Math.max(0, ...all.slice(1).map(({ from }, n) => from - (all[n]?.to ?? from))) / 1000;
}

/** Seconds from the sending of the first to that of the last: reads sent before and after them succeeded. */
export function span(failures: readonly Failure[]): number {
  const sent = failures.map((failure) => failure.sent);
  return sent.length === 0 ? 0 : (Math.max(...sent) - Math.min(...sent)) / 1000;
}

/** Longest of the spans between which a second or more passed without a failure: what one of several restarts cost. */
export function longestBurst(failures: readonly Failure[]): number {
  const sorted = [...failures].sort((a, b) => a.sent - b.sent);
  const bursts: Failure[][] = [];
  for (const failure of sorted) {
    const last = bursts.at(-1);
    if (last && failure.sent - (last.at(-1)?.sent ?? 0) < 1000) last.push(failure);
    else bursts.push([failure]);
  }
  return Math.max(0, ...bursts.map(span));
}

/** The value that `share` of all do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Results of one trial. */
export interface Summary {
  readonly acknowledged: number;
  readonly refused: number;
  /** Seconds from one primary to the next; 0 where there was one all the time. */
  readonly handover: number;
  /** Seconds of the longest outage, `handover` or another: a server that comes back holds the group up as well. */
  readonly writeOutage: number;
  readonly reads: number;
  readonly failedReads: number;
  /** Seconds. */
  readonly readSpan: number;
  /** Seconds that 99 % of the reads were behind at most. */
  readonly staleness: number;
  readonly twoAtOnce: number;
  readonly hands: string;
  /** Seconds for which the client stood still at most: no outage below it means anything. */
  readonly pause: number;
}

/** Summarizes a journal. */
export function summaryOf({ writes, failedWrites, reads, failedReads, staleness, pause }: Journal): Summary {
  return {
    acknowledged: writes.length,
    refused: failedWrites.length,
    handover: handover(writes),
    writeOutage: writeOutage(writes),
    reads: Object.values(reads).reduce((sum, n) => sum + n, 0),
    failedReads: failedReads.length,
    readSpan: span(failedReads),
    staleness: percentile(staleness, 0.99) / 1000,
    twoAtOnce: twoAtOnce(writes),
    hands: reigns(writes)
      .map(({ server }) => server.replace('database-', ''))
      .join(' → '),
    pause: pause / 1000,
  };
}
