import { eventually, sleep } from '../support/eventually';
import { Prometheus } from '../support/prometheus';
import { table } from '../support/table';
import { Visitor } from '../support/visitor';

/** Requests a second, and for how long. */
const RATE = 20;
const SECONDS = 300;
/** The contract: allowed difference of the metric, and its delay. */
const SHARE = 0.02;
const BEHIND = 30;

let prometheus: Prometheus;
let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
  prometheus = await Prometheus.connect();
});
afterAll(() => prometheus.close());

/** Requests of visitors that each web server has answered, from Prometheus. */
const counted = async (): Promise<Map<string, number>> =>
  new Map(
    (await prometheus.query('sum by (k8s_pod_name) (nginx_access_requests_total)')).map(({ metric, value }) => [
      metric.k8s_pod_name ?? '',
      value,
    ]),
  );

/** Sends requests at a fixed rate. @returns how many each web server answered, by its own name; none may fail */
async function load(seconds: number): Promise<Map<string, number>> {
  const answered = new Map<string, number>();
  const failed: string[] = [];
  const agent = visitor.agent(8);
  const asks: Promise<void>[] = [];
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const ask = visitor.get('/whoami', { agent: asks.length % 2 ? agent : undefined }).then(
      ({ body }) => {
        const { web } = JSON.parse(body) as { web: string };
        answered.set(web, (answered.get(web) ?? 0) + 1);
      },
      (error: Error) => void failed.push(error.message),
    );
    asks.push(ask);
    await sleep(1 / RATE);
  }
  await Promise.all(asks);
  agent.destroy();
  expect(failed).toEqual([]);
  return answered;
}

test(
  'requests of each web server are within 2 % of a known load of 5 minutes, and at most 30 s behind',
  async () => {
    // a series begins with its first request, and a counter's first value is no increase
    await load(5);
    await eventually('each web server has been counted', 60, async () => (await counted()).size >= 2);
    let before = await counted();
    await eventually('nothing of earlier requests is under way', 180, async () => {
      await sleep(BEHIND);
      const now = await counted();
      const same = [...now].every(([web, value]) => before.get(web) === value);
      before = now;
      return same;
    });

    const known = await load(SECONDS);
    const ended = Date.now();
    let shown = new Map<string, number>();
    const off = (web: string): number => (shown.get(web) ?? 0) / (known.get(web) ?? 0) - 1;
    await eventually('the load is reported', BEHIND, async () => {
      shown = new Map([...(await counted())].map(([web, value]) => [web, value - (before.get(web) ?? 0)]));
      const wrong = [...known.keys()].filter((web) => Math.abs(off(web)) > SHARE);
      if (wrong.length > 0)
        throw new Error(wrong.map((web) => `${web}: ${shown.get(web)} of ${known.get(web)}`).join());
      return true;
    });
    const behind = (Date.now() - ended) / 1000;
    console.log(
      table([
        ['web server', 'known', 'counted', 'off'],
        ...[...known].map(([web, n]) => [web, `${n}`, `${shown.get(web)}`, `${(100 * off(web)).toFixed(2)} %`]),
      ]),
      `\nafter ${behind.toFixed(1)} s`,
    );
    expect(behind).toBeLessThan(BEHIND);
  },
  (SECONDS + 360) * 1000,
);
