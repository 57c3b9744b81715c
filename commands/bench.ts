import { basename } from 'node:path';
import { port } from '../charts/topology';
import { Copy, WAY } from './bench-copy';
import { putLoad } from './bench-load';
import { type Load, type Measured, WARM_UP_SECONDS } from './bench-load/load';
import { command, environment, seconds, UsageError } from './environment';
import { ClusterError } from './kubectl';

const USAGE = `usage: npm run bench -- ENVIRONMENT [--seconds 5] [--connections 16] [--rounds 3] [--web-cpu 100m] [--keep]

Brings up a copy of the environment (namespace NAME-bench, limits for one client lifted), asks for a static file and for
/whoami through the whole path, straight at one web server and straight at one app server, and removes the copy.
One run compares; figures of different runs and machines do not.

--seconds      length of each measurement (default 5)
--connections  kept connections at full load (default 16)
--rounds       measurements of each kind, taken in turns; the median counts (default 3)
--web-cpu      CPU that a single web server is held to in the last table, so that what is compared there is what a web
               server can do and not what is left of a machine that all tiers and the load share (default 100m)
--keep         leave the copy for a further run

exit code: 0 measured, 1 the cluster has trouble, 2 the input is wrong`;

const FILE = 'static file';
/** A share of a CPU as Kubernetes writes it. */
const MILLICORES = /^[1-9][0-9]{1,4}m$/;

/** A request and a place to put it to. */
interface Case {
  readonly what: string;
  readonly way: string;
  readonly load: Omit<Load, 'connections' | 'seconds' | 'rate'>;
}

interface Row extends Measured {
  readonly what: string;
  readonly way: string;
  readonly at: string;
  /** CPU seconds of each tier for 1,000 requests. */
  readonly cpu: readonly number[];
}

interface Settings {
  readonly seconds: number;
  readonly connections: number;
  readonly rounds: number;
  readonly webCpu: string;
}

async function casesOf(copy: Copy): Promise<Case[]> {
  const { loadBalancer, web, app } = await copy.addresses();
  const name = copy.config.domain;
  const through = { host: loadBalancer, port: 443, name, tls: true, proxyHeader: false };
  const toWeb = { host: web, port: port('web', 'https'), name, tls: true, proxyHeader: true };
  const toApp = { host: app, port: port('app', 'http'), name, tls: false, proxyHeader: false };
  const file = { what: FILE, path: '/static/app.css' };
  const whoami = { what: '/whoami', path: '/whoami' };
  const one = (request: { what: string; path: string }, way: string, load: Omit<Case['load'], 'path'>): Case => ({
    what: request.what,
    way,
    load: { ...load, path: request.path },
  });
  return [
    one(file, 'one web server', toWeb),
    one(file, 'whole path', through),
    one(whoami, 'one app server', toApp),
    one(whoami, 'one web server', toWeb),
    one(whoami, 'whole path', through),
  ];
}

async function measure(copy: Copy, { what, way, load }: Case, settings: Settings, rate?: number): Promise<Row> {
  const before = await Promise.all(WAY.map((tier) => copy.cpuSeconds(tier)));
  const wanted: Load = { ...load, connections: settings.connections, seconds: settings.seconds, rate };
  const measured = await putLoad(copy, wanted);
  const after = await Promise.all(WAY.map((tier) => copy.cpuSeconds(tier)));
  if (measured.requests === 0) throw new ClusterError(`${what}, ${way}: no request was answered`);
  // the warm-up costs CPU too, at the same pace
  const all = measured.perSecond * (settings.seconds + WARM_UP_SECONDS);
  const cpu = after.map((value, n) => ((value - (before[n] ?? 0)) / all) * 1000);
  return { ...measured, what, way, at: rate ? `${Math.round(rate)}/s` : 'full load', cpu };
}

/** The row of the median throughput. */
const median = (rows: readonly Row[]): Row =>
  [...rows].sort((a, b) => a.perSecond - b.perSecond)[Math.floor((rows.length - 1) / 2)] as Row;

async function inTurns(copy: Copy, cases: readonly Case[], settings: Settings, rate?: (of: Case) => number) {
  const rows = cases.map((): Row[] => []);
  for (let round = 0; round < settings.rounds; round++) {
    for (const [n, one] of cases.entries()) rows[n]?.push(await measure(copy, one, settings, rate?.(one)));
  }
  return rows.map(median);
}

/** The figures as a table in Markdown; `of direct` compares with the first row of the same request. */
function table(rows: readonly Row[]): string {
  const head = [
    'request',
    'way',
    'load',
    'requests/s',
    'of direct',
    'p50 ms',
    'p99 ms',
    'failures',
    ...WAY.map((t) => `CPU s ${t}`),
  ];
  const lines = rows.map((row) => {
    const direct = rows.find(({ what, at }) => what === row.what && at === row.at) ?? row;
    const numbers = [row.perSecond.toFixed(0), (row.perSecond / direct.perSecond).toFixed(2)];
    const times = [row.p50Milliseconds.toFixed(2), row.p99Milliseconds.toFixed(2)];
    return [row.what, row.way, row.at, ...numbers, ...times, String(row.failures), ...row.cpu.map((c) => c.toFixed(3))];
  });
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

async function bench(copy: Copy, settings: Settings): Promise<void> {
  const cases = await casesOf(copy);
  const full = await inTurns(copy, cases, settings);
  console.log(`\nFull load, ${settings.connections} connections; CPU seconds are for 1,000 requests\n\n${table(full)}`);
  const rateOf = ({ what }: Case): number =>
    Math.min(...full.filter((row) => row.what === what).map((row) => row.perSecond)) / 2;
  const half = await inTurns(copy, cases, settings, rateOf);
  console.log(`\nHalf of what the slowest way did at full load, at a fixed rate\n\n${table(half)}`);
  await copy.holdWebServer(settings.webCpu);
  const held = await inTurns(copy, (await casesOf(copy)).filter(isFile), settings);
  console.log(`\nFull load, a single web server held to ${settings.webCpu} CPU\n\n${table(held)}`);
}

const isFile = ({ what }: Case): boolean => what === FILE;

function millicores(text: string): string {
  if (!MILLICORES.test(text))
    throw new UsageError(`--web-cpu: must be thousandths of a CPU, such as 100m, got "${text}"`);
  return text;
}

if (basename(process.argv[1] ?? '') === 'bench.ts') {
  const options = {
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    rounds: { type: 'string', default: '3' },
    'web-cpu': { type: 'string', default: '100m' },
    keep: { type: 'boolean', default: false },
  } as const;
  void command({ text: USAGE, options }, async (name, values) => {
    const settings = {
      seconds: seconds(values.seconds, '--seconds'),
      connections: Math.max(1, Math.round(Number(values.connections))),
      rounds: Math.max(1, Math.round(Number(values.rounds))),
      webCpu: millicores(values['web-cpu']),
    };
    const { config } = environment(name);
    // an app server that wants a certificate could not be asked straight
    const copy = await Copy.start({ ...config, tls: { ...config.tls, reencrypt: 'none' } });
    try {
      await bench(copy, settings);
    } finally {
      if (!values.keep) await copy.remove();
    }
  });
}
