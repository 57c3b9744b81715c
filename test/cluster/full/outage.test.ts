import { metrics } from '../../../charts/monitoring/alerts/metrics';
import { namespaceOf } from '../../../charts/names';
import { eventually, sleep } from '../support/eventually';
import { growth, largestGap } from '../support/gaps';
import { config, kubectl, readyPods } from '../support/kubectl';
import { Prometheus } from '../support/prometheus';
import { table } from '../support/table';
import { Visitor } from '../support/visitor';

/** How long the monitoring service is away, in seconds. */
const OUTAGE = Number(process.env.OUTAGE_SECONDS ?? 600);
/** Requests a second meanwhile. */
const RATE = 2;
/** The contract: how many intervals may lie between two samples, and how far a count may be off. */
const INTERVALS = 2.5;
const SHARE = 0.005;
/** Seconds for what waited on disk to arrive. */
const CATCH_UP = 240;
const INTERVAL = config.monitoring.intervalSeconds;
const NAMESPACE = namespaceOf('monitoring', config);

const NODE_SERIES = 'system_cpu_time_seconds_total';
/** A series of each kind of source that is there all the time. */
const SERIES = [
  NODE_SERIES,
  'k8s_node_filesystem_available_bytes',
  'nginx_requests_total',
  'haproxy_sessions_total',
  'nodejs_eventloop_lag_p99_seconds',
  'mysql_uptime_seconds_total',
];
const COUNTED = metrics.accessRequests.prometheus;

let visitor: Visitor;
let prometheus: Prometheus;
const rows: string[][] = [['trial', 'what', 'value', 'allowed']];
beforeAll(async () => {
  visitor = await Visitor.arrive();
  prometheus = await Prometheus.connect();
});
afterAll(() => {
  prometheus.close();
  console.log(table(rows));
});

const now = (): number => Date.now() / 1000;

/** Results of requests; a failed one may or may not be in a log. */
interface Asked {
  readonly answered: number;
  readonly failed: number;
}

/** A visitor with a fixed request rate. @returns a function that ends it */
function asking(): () => Promise<Asked> {
  const asked: Promise<boolean>[] = [];
  const ask = (): Promise<boolean> =>
    visitor.get('/whoami').then(
      () => true,
      () => false,
    );
  const timer = setInterval(() => asked.push(ask()), 1000 / RATE);
  return async () => {
    clearInterval(timer);
    const outcomes = await Promise.all(asked);
    const answered = outcomes.filter(Boolean).length;
    return { answered, failed: outcomes.length - answered };
  };
}

const written = ({ answered, failed }: Asked): string => `${answered}${failed > 0 ? ` and ${failed} unanswered` : ''}`;

const counted = async (): Promise<number> => (await prometheus.query(`sum(${COUNTED})`))[0]?.value ?? 0;

/** The requests counted so far, once the count is stable. */
async function settled(): Promise<number> {
  let last = -1;
  await eventually('no more requests are counted', 120, async () => {
    const before = last;
    last = await counted();
    if (last === before) return true;
    await sleep(3 * INTERVAL);
    return false;
  });
  return last;
}

/** Longest gap of each metric, over all of its series, once everything up to `to` has arrived. */
async function gaps(names: readonly string[], from: number, to: number, allowed: number): Promise<Map<string, number>> {
  let found = new Map<string, number>();
  const closed = eventually('what waited on disk has arrived', CATCH_UP, async () => {
    const range = `[${Math.ceil(now() - from) + INTERVAL}s]`;
    found = new Map();
    for (const name of names) {
      const series = await prometheus.samples(`${name}${range}`);
      found.set(name, series.length > 0 ? Math.max(...series.map((one) => largestGap(one, from, to))) : to - from);
    }
    return now() > to && [...found.values()].every((gap) => gap <= allowed);
  });
  // the values are printed also where they are too large
  await closed.catch(() => undefined);
  return found;
}

async function scalePrometheus(replicas: number): Promise<void> {
  await kubectl(['scale', 'statefulset/monitoring-service', `--replicas=${replicas}`, '-n', NAMESPACE]);
  await eventually(`Prometheus is ${replicas > 0 ? 'back' : 'gone'}`, 300, async () => {
    return (await readyPods('monitoring-service')).length === replicas;
  });
}

test(
  `a monitoring service that was away for ${OUTAGE} s lacks no sample and no request`,
  async () => {
    const before = await settled();
    const from = now() - 6 * INTERVAL;
    prometheus.close();
    const stop = asking();
    const started = now();
    try {
      await scalePrometheus(0);
      await sleep(OUTAGE);
    } finally {
      await scalePrometheus(1);
    }
    const back = now();
    const sent = await stop();
    const to = now() + 3 * INTERVAL;
    prometheus = await Prometheus.connect();

    const allowed = INTERVALS * INTERVAL;
    const found = await gaps(SERIES, from, to, allowed);
    const arrived = now() - back;
    const known = (await settled()) - before;
    const away = `away for ${(back - started).toFixed(0)} s`;
    for (const [name, gap] of found) rows.push([away, `gap of ${name}`, `${gap.toFixed(1)} s`, `${allowed} s`]);
    rows.push([away, 'all of it there again after', `${arrived.toFixed(0)} s`, `${CATCH_UP} s`]);
    rows.push([away, 'requests counted', `${known} of ${written(sent)}`, `${100 * SHARE} %`]);
    for (const gap of found.values()) expect(gap).toBeLessThanOrEqual(allowed);
    expect(known).toBeGreaterThanOrEqual(sent.answered * (1 - SHARE));
    expect(known).toBeLessThanOrEqual((sent.answered + sent.failed) * (1 + SHARE));
  },
  (OUTAGE + 1500) * 1000,
);

test('a collector that is killed loses what it had not shipped yet, and what happens until its successor runs', async () => {
  await settled();
  const [pod] = await readyPods('monitoring');
  const node = pod?.spec.nodeName;
  if (!pod || !node) throw new Error('no collector is ready');
  const from = now() - 6 * INTERVAL;
  const stop = asking();
  await sleep(3 * INTERVAL);
  const killed = now();
  await kubectl(['delete', 'pod', pod.metadata.name, '-n', NAMESPACE, '--grace-period=0', '--force']);
  await eventually('another collector runs on its node', 180, async () =>
    (await readyPods('monitoring')).some(({ metadata, spec }) => {
      return spec.nodeName === node && metadata.uid !== pod.metadata.uid;
    }),
  );
  const start = now() - killed;
  await sleep(3 * INTERVAL);
  const sent = await stop();
  const to = now() + 3 * INTERVAL;

  const allowed = 2 * INTERVAL + start;
  const name = `${NODE_SERIES}{k8s_node_name="${node}"}`;
  const gap = (await gaps([name], from, to, allowed)).get(name) ?? Number.POSITIVE_INFINITY;
  await settled();
  const known = (await prometheus.samples(`${COUNTED}[${Math.ceil(now() - from)}s]`)).map(growth);
  const trial = 'a collector killed';
  rows.push([trial, 'until its successor runs', `${start.toFixed(1)} s`, '']);
  rows.push([trial, "gap of the node's metrics", `${gap.toFixed(1)} s`, `${allowed.toFixed(1)} s`]);
  rows.push([trial, 'requests counted', `${known.reduce((sum, one) => sum + one, 0)} of ${written(sent)}`, '']);
  expect(gap).toBeLessThanOrEqual(allowed);
}, 900_000);
