import { ClusterError } from '../cluster/kubectl';
import { UsageError } from '../command';
import { environment } from '../environment';
import { type Case, casesOf } from './cases';
import { Copy, WAY } from './copy';
import { putLoad, putLoads } from './load';
import { type Measured, WARM_UP_SECONDS } from './load/load';
import {
  type Column,
  handshakeColumns,
  LATENCY_COLUMNS,
  type Round,
  type Row,
  table,
  throughput,
  throughputColumns,
} from './table';

const COUNT = /^[1-9][0-9]{0,2}$/;
/** A share of a CPU as Kubernetes writes it. */
const MILLICORES = /^[1-9][0-9]{1,4}m$/;
/** Rounds at the fixed rate per round at full load: a p99 depends on few requests and varies more than throughput. */
const ROUNDS_AT_RATE = 5;

/** Settings of a measurement. */
export interface Settings {
  /** Length of each measurement, in seconds. */
  readonly seconds: number;
  /** Concurrent requests at full load. */
  readonly connections: number;
  /** Number of measurements of each kind. */
  readonly rounds: number;
  /** CPU limit of the single web server in the last table, as a Kubernetes quantity. */
  readonly webCpu: string;
  /** Keep the copy for a further run. */
  readonly keep: boolean;
}

/** Maximum throughput, and the CPU that each tier spends on it. */
async function atFullLoad(copy: Copy, cases: readonly Case[], settings: Settings): Promise<Row[]> {
  const cpuSeconds = (): Promise<number[]> => Promise.all(WAY.map((tier) => copy.cpuSeconds(tier)));
  const rows = cases.map(({ what, way }) => ({ what, way, rounds: [] as Round[] }));
  let before = await cpuSeconds();
  for (let round = 0; round < settings.rounds; round++) {
    for (const [n, { load }] of cases.entries()) {
      const measured = await putLoad(copy, { ...load, seconds: settings.seconds });
      const after = await cpuSeconds();
      // the warm-up costs CPU too, at the same pace
      const all = measured.perSecond * (settings.seconds + WARM_UP_SECONDS);
      const cpu = after.map((value, tier) => ((value - (before[tier] ?? 0)) / all) * 1000);
      rows[n]?.rounds.push({ ...measured, cpu });
      before = after;
    }
  }
  return rows.map(answered);
}

/**
 * Latencies of one request at a rate that all paths together can serve. The paths are measured concurrently, because a
 * p99 reflects the machine's worst moments, which differ two seconds later.
 * @param rate of all paths together
 */
async function atRate(copy: Copy, cases: readonly Case[], settings: Settings, rate: number): Promise<Row[]> {
  const each = rate / cases.length;
  const loads = cases.map(({ load }) => ({ ...load, seconds: settings.seconds, rate: each }));
  const rounds = settings.rounds * ROUNDS_AT_RATE;
  const measured = await putLoads(copy, { loads, rounds });
  return cases
    .map(({ what, way }, n) => ({ what, way, rate: each, rounds: measured.map((of) => of[n] as Measured) }))
    .map(answered);
}

function answered(row: Row): Row {
  if (row.rounds.some(({ requests }) => requests === 0))
    throw new ClusterError(`${row.what}, ${row.way}: no request was answered`);
  return row;
}

async function measure(copy: Copy, settings: Settings): Promise<void> {
  const cases = async () => casesOf(await copy.addresses(), copy.config.domain, settings.connections);
  const { http1, http2, handshakes } = await cases();
  const atATime = settings.connections;
  const { connections, streams } = http2[0]?.load ?? {};

  const full = await atFullLoad(copy, http1, settings);
  const head = `Full load, HTTP/1.1, ${atATime} kept connections; CPU seconds are for 1,000 requests`;
  print(head, full, throughputColumns(WAY));
  const multiplexed = await atFullLoad(copy, http2, settings);
  print(`The same, HTTP/2, ${connections} connections of ${streams} streams`, multiplexed, throughputColumns(WAY));
  const fresh = await atFullLoad(copy, handshakes, settings);
  print(`The same, a new connection for each request, ${atATime} at a time`, fresh, handshakeColumns(WAY));

  await copy.leaveOne();
  const single = (await cases()).http1;
  const half: Row[] = [];
  for (const what of new Set(single.map((one) => one.what))) {
    const slowest = Math.min(...full.filter((row) => row.what === what).map(throughput));
    const ways = single.filter((one) => one.what === what);
    half.push(...(await atRate(copy, ways, settings, slowest / 2)));
  }
  print('Half of what the slowest way did at full load, shared by the ways side by side', half, LATENCY_COLUMNS);

  await copy.holdWebServer(settings.webCpu);
  const held = await atFullLoad(copy, (await cases()).held, settings);
  print(`Full load, a single web server held to ${settings.webCpu} CPU`, held, throughputColumns(WAY));
}

const print = (title: string, rows: readonly Row[], columns: readonly Column[]): void =>
  console.log(`\n${title}\n\n${table(rows, columns)}`);

/** A number of connections or rounds. @throws UsageError naming the option */
export function count(text: string, option: string): number {
  if (!COUNT.test(text)) throw new UsageError(`${option}: must be a number from 1 to 999, got "${text}"`);
  return Number(text);
}

/** A share of a CPU. @throws UsageError */
export function millicores(text: string): string {
  if (!MILLICORES.test(text))
    throw new UsageError(`--web-cpu: must be thousandths of a CPU, such as 100m, got "${text}"`);
  return text;
}

/** Measures on a copy of an environment, and removes it. */
export async function bench(name: string | undefined, settings: Settings): Promise<void> {
  const { config } = environment(name);
  // an app server that requires a client certificate could not be requested directly
  const copy = await Copy.start({ ...config, tls: { ...config.tls, reencrypt: 'none' } });
  try {
    await measure(copy, settings);
  } finally {
    if (!settings.keep) await copy.remove();
  }
}
