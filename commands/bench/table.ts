import type { Measured } from './load/load';
import { median, paired } from './statistics';

/** Result of a request over a path in one round. */
export interface Round extends Measured {
  /** CPU seconds of each tier for 1,000 requests. @default - not measured */
  readonly cpu?: readonly number[];
}

/** Results of a request over a path in all rounds. */
export interface Row {
  readonly what: string;
  readonly way: string;
  /** Requested rate, per second. @default - as many as possible */
  readonly rate?: number;
  readonly rounds: readonly Round[];
}

/** A column of a table. */
export interface Column {
  readonly head: string;
  /** @param direct the row that this one is compared with; may be itself */
  readonly cell: (row: Row, direct: Row) => string;
}

const column = (head: string, digits: number, of: (round: Round) => number): Column => ({
  head,
  cell: ({ rounds }) => median(rounds.map(of)).toFixed(digits),
});
const perThousand = ({ cpuSeconds, requests }: Round): number => (cpuSeconds / requests) * 1000;
const p99 = ({ rounds }: Row): number[] => rounds.map(({ p99Milliseconds }) => p99Milliseconds);
const perSecond = ({ rounds }: Row): number[] => rounds.map((round) => round.perSecond);

/** Requests per second. */
export const throughput = (row: Row): number => median(perSecond(row));

const REQUEST: Column = { head: 'request', cell: ({ what }) => what };
const WHICH_WAY: Column = { head: 'way', cell: ({ way }) => way };
const RATE: Column = { head: 'asked for', cell: ({ rate }) => (rate ? `${Math.round(rate)}/s` : '') };
const PER_SECOND = column('requests/s', 0, (round) => round.perSecond);
const OF_DIRECT: Column = {
  head: 'of direct',
  cell: (row, direct) => paired(perSecond(row), perSecond(direct), (one, other) => one / other).median.toFixed(2),
};
const P50 = column('p50 ms', 2, ({ p50Milliseconds }) => p50Milliseconds);
const P99 = column('p99 ms', 2, ({ p99Milliseconds }) => p99Milliseconds);
const P99_ADDED: Column = {
  head: 'p99 added ms (quartiles)',
  cell: (row, direct) => {
    if (row === direct) return '';
    const added = paired(p99(row), p99(direct), (one, other) => one - other);
    return `${signed(added.median)} (${signed(added.low)} to ${signed(added.high)})`;
  },
};
const RESUMED = column('resumed', 2, ({ resumed }) => resumed);
const FAILURES: Column = {
  head: 'failures',
  cell: ({ rounds }) => String(rounds.reduce((sum, { failures }) => sum + failures, 0)),
};
const CPU_LOAD = column('CPU s load', 3, perThousand);

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
const cpuOf = (tiers: readonly string[]): Column[] => [
  CPU_LOAD,
  ...tiers.map((tier, n) => column(`CPU s ${tier}`, 3, ({ cpu }) => cpu?.[n] ?? Number.NaN)),
];

/** Throughput; `tiers` are the keys of `Round.cpu`. */
export const throughputColumns = (tiers: readonly string[]): Column[] => [
  ...[REQUEST, WHICH_WAY, PER_SECOND, OF_DIRECT, P50, P99, FAILURES],
  ...cpuOf(tiers),
];

/** The same for connections with resumed TLS sessions. */
export const handshakeColumns = (tiers: readonly string[]): Column[] => [
  ...[REQUEST, WHICH_WAY, PER_SECOND, OF_DIRECT, P50, P99, RESUMED, FAILURES],
  ...cpuOf(tiers),
];

/** Latencies. */
export const LATENCY_COLUMNS: readonly Column[] = [
  ...[REQUEST, WHICH_WAY, RATE, PER_SECOND, P50, P99, P99_ADDED, FAILURES],
];

/**
 * The rows as a table in Markdown. Each value is the median of the rounds; failures are the sum of all rounds. A row is
 * compared, round by round, with the first of the same request.
 */
export function table(rows: readonly Row[], columns: readonly Column[]): string {
  const lines = rows.map((row) => {
    const direct = rows.find(({ what }) => what === row.what) ?? row;
    return columns.map(({ cell }) => cell(row, direct));
  });
  return [columns.map(({ head }) => head), columns.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
