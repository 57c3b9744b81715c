import { existsSync } from 'node:fs';
import { runsPrometheus } from '../../../charts/topology';
import { activityOf, autoscale, endAutoscaling, replicasOf, type Scaled } from '../support/autoscaling';
import { eventually, sleep } from '../support/eventually';
import { config, type Pod, readyPods } from '../support/kubectl';
import { removeAdapter, servedRates, startAdapter } from '../support/metrics-adapter';
import { table } from '../support/table';
import { Traffic } from '../support/traffic';
import { Visitor } from '../support/visitor';
import { visits } from '../support/visits';

const binary = process.env.THREEWALL_METRICS_ADAPTER ?? '';
const hindrances: readonly (readonly [boolean, string])[] = [
  [config.web.autoscaling !== undefined || config.app.autoscaling !== undefined, 'the numbers follow the load already'],
  [
    !(runsPrometheus(config.monitoring) && config.monitoring.collectLogs),
    'no Prometheus in the cluster knows the requests of each web server',
  ],
  [binary === '', 'THREEWALL_METRICS_ADAPTER names no prometheus-adapter'],
  [!existsSync(binary), `${binary}, which THREEWALL_METRICS_ADAPTER names, is not there`],
];
const reason = hindrances.find(([there]) => there)?.[1];
if (reason) console.log(`scaling by requests is not tried: ${reason}`);
const given = reason ? test.skip : test;

/** Requests per second: above all targets with the most pods, and below them with the fewest. */
const BUSY = Number(process.env.RATE ?? 160);
const QUIET = 10;
const PATH = '/whoami';
/** Target of requests per second and pod. */
const AIM = 20;
const TIERS = ['web', 'app'] as const;
type Counts = Readonly<Record<Scaled, number>>;
const FEWEST: Counts = { web: config.web.replicas, app: config.app.replicas };
/** For two more web servers the load balancers have slots. */
const MOST: Counts = { web: FEWEST.web + 2, app: FEWEST.app + 1 };
/** CPU use in percent of `requests.cpu`: a target without effect, and one that any use exceeds. */
const NO_MATTER = 2000;
const ANY = 10;
/** Allowed difference between the rate and the logs of the same minute. */
const SHARE = 0.1;
/** The contract: seconds from Ready to the first visitor. */
const FIRST_VISIT = 15;

let visitor: Visitor;
const rows: string[][] = [['event', 'value']];
beforeAll(async () => {
  if (reason) return;
  visitor = await Visitor.arrive();
  await startAdapter(binary);
}, 400_000);

afterAll(async () => {
  if (reason) return;
  console.log(table(rows));
  await Promise.all([...TIERS.map(endAutoscaling), removeAdapter()]);
}, 900_000);

/** Traffic while something happens: not one request may fail. */
async function survives(name: string, rate: number, event: () => Promise<unknown>): Promise<void> {
  const traffic = new Traffic(visitor, PATH, rate);
  try {
    await event();
  } finally {
    await traffic.stop();
  }
  const tally = await traffic.stop();
  rows.push([`requests, ${name}`, `${tally.sent}, ${tally.sent - tally.ok} failed`]);
  expect(tally).toMatchObject({ failed: {}, ok: tally.sent });
}

/** Sets the same targets for both tiers. */
async function aim(cpuPercent: number): Promise<void> {
  for (const tier of TIERS) {
    const [minReplicas, maxReplicas] = [FEWEST[tier], MOST[tier]];
    await autoscale(tier, { minReplicas, maxReplicas, cpuPercent, requestsPerSecond: AIM });
    expect(await replicasOf(tier)).toBeGreaterThanOrEqual(minReplicas);
  }
}

/** Waits until the tier has a number of ready pods, no more and no fewer. @returns them */
const ready = (tier: Scaled, count: number, seconds: number): Promise<Pod[]> =>
  eventually(`${count} pods of ${tier} are ready`, seconds, async () => {
    const pods = await readyPods(tier);
    if (pods.length !== count || (await replicasOf(tier)) !== count) throw new Error(`${pods.length} are`);
    return pods;
  });

/** Waits until both tiers have a number of ready pods, and notes how long that took. */
async function reached(from: Counts, to: Counts, why: string, seconds: number): Promise<void> {
  const started = Date.now();
  await Promise.all(
    TIERS.map(async (tier) => {
      await ready(tier, to[tier], seconds);
      const took = ((Date.now() - started) / 1000).toFixed(0);
      rows.push([`${tier}, ${from[tier]} to ${to[tier]} ready pods`, `${took} s after ${why}`]);
    }),
  );
}

given(
  'more requests than aimed at raise both numbers to the most, and new servers have visitors within 15 s',
  async () => {
    await aim(NO_MATTER);
    const known = new Set(await names());
    expect(known.size).toBe(FEWEST.web + FEWEST.app);
    await survives('more servers', BUSY, async () => {
      await reached(FEWEST, MOST, 'the first request', 240);
      for (const tier of TIERS) {
        const fresh = (await readyPods(tier)).filter(({ metadata }) => !known.has(metadata.name));
        expect(fresh).toHaveLength(MOST[tier] - FEWEST[tier]);
        const waits = await Promise.all(fresh.map(firstVisit));
        rows.push([`${tier}, first visitor after Ready`, waits.map((wait) => `${wait.toFixed(0)} s`).join(', ')]);
        expect(Math.max(...waits)).toBeLessThanOrEqual(FIRST_VISIT);
      }
      await says('True ValidMetricFound');
    });
  },
  700_000,
);

/** The ready pods of both tiers. */
const names = async (): Promise<string[]> =>
  (await Promise.all(TIERS.map(readyPods))).flat().map(({ metadata }) => metadata.name);

/** Seconds from Ready, which is recorded in whole seconds, to the first request in the log. */
async function firstVisit({ metadata, status }: Pod): Promise<number> {
  const since = Date.parse(status.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '');
  const [first = Number.NaN] = await eventually(`${metadata.name} has visitors`, 30, async () => {
    const times = await visits(metadata.name, '--limit-bytes=65536');
    return times.length > 0 && times;
  });
  return (first - since) / 1000;
}

given(
  "each server's requests per second are near the number in its own log",
  async () => {
    const pods = await names();
    await survives('rates read', BUSY, async () => {
      // they are rates of a minute
      await sleep(75);
      const near = await eventually(`rates within ${100 * SHARE} % of the logs`, 90, async () => {
        const [served, logged] = await Promise.all([servedRates(), Promise.all(pods.map(lastMinute))]);
        const pairs = pods.map((name, i) => ({ name, served: served.get(name) ?? 0, logged: logged[i] ?? 0 }));
        const off = pairs.filter((pair) => !(Math.abs(pair.served / pair.logged - 1) <= SHARE));
        if (off.length > 0) throw new Error(JSON.stringify(off));
        return pairs;
      });
      for (const { name, served, logged } of near) {
        rows.push([`${name}, requests per second`, `${served.toFixed(1)}, by its log ${logged.toFixed(1)}`]);
      }
    });
  },
  400_000,
);

/** Requests per second of a pod in the last 60 s, by its log. */
async function lastMinute(pod: string): Promise<number> {
  const from = Date.now() - 60_000;
  return (await visits(pod, '--since=70s')).filter((time) => time > from).length / 60;
}

given(
  'fewer requests lower both numbers after five quiet minutes',
  async () => {
    await survives('fewer servers', QUIET, async () => {
      await reached(MOST, FEWEST, 'there were fewer requests', 600);
      // connections of those that were sent away last for some seconds more
      await sleep(20);
    });
  },
  800_000,
);

given(
  'without an adapter the CPU alone raises the numbers, and nothing lowers them',
  async () => {
    await removeAdapter();
    await survives('without an adapter', BUSY, async () => {
      await aim(ANY);
      await reached(FEWEST, MOST, 'CPU alone was above its aim', 240);
      await says('True ValidMetricFound');
      await aim(NO_MATTER);
      await says('False FailedGetPodsMetric');
      for (const tier of TIERS) expect(await replicasOf(tier)).toBe(MOST[tier]);
    });
  },
  700_000,
);

async function says(wanted: string): Promise<void> {
  for (const tier of TIERS) {
    await eventually(`the autoscaler of ${tier} says ${wanted}`, 120, async () => {
      const said = await activityOf(tier);
      if (said !== wanted) throw new Error(said);
      return true;
    });
    rows.push([`${tier}, ScalingActive at ${await replicasOf(tier)} pods`, wanted]);
  }
}
