import { eventually } from '../support/eventually';
import { Prometheus } from '../support/prometheus';
import { table } from '../support/table';
import { Visitor } from '../support/visitor';

const RATE = 500;
const SECONDS = 150;
const MIB = 2 ** 20;
/** Limits of a collector's use of its node. */
const BUDGET = { bytes: 150 * MIB, cores: 0.05 };

let prometheus: Prometheus;
beforeAll(async () => {
  prometheus = await Prometheus.connect();
});
afterAll(() => prometheus?.close());

test(`a collector uses at most 150 MiB and 5 % of a core while the site answers ${RATE} requests a second`, async () => {
  const visitor = await Visitor.arrive();
  const agent = visitor.agent(32);
  const running = new Set<Promise<unknown>>();
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  let sent = 0;
  let failed = 0;
  const timer = setInterval(() => {
    // open requests limit new ones: a machine that is too slow shows a lower rate, not a backlog
    while (sent < seconds() * RATE && running.size < RATE) {
      sent++;
      const one: Promise<unknown> = visitor
        .get('/static/app.css', { agent })
        .then(
          ({ status }) => status === 200 || failed++,
          () => failed++,
        )
        .finally(() => running.delete(one));
      running.add(one);
    }
  }, 10);
  await eventually('the load runs to its end', SECONDS + 30, async () => seconds() >= SECONDS);
  clearInterval(timer);
  const rate = sent / seconds();
  const cores = await prometheus.query('sum by (k8s_node_name) (rate(otelcol_process_cpu_seconds_total[2m]))');
  const bytes = await prometheus.query('max by (k8s_node_name) (max_over_time(otelcol_process_memory_rss_bytes[2m]))');
  await Promise.all(running);
  agent.destroy();
  const memory = new Map(bytes.map(({ metric, value }) => [metric.k8s_node_name, value]));
  console.log(
    `${rate.toFixed(0)} requests a second, ${failed} failed\n`,
    table([
      ['node', 'memory MiB', 'core %'],
      ...cores.map(({ metric, value }) => [
        metric.k8s_node_name ?? '',
        ((memory.get(metric.k8s_node_name) ?? 0) / MIB).toFixed(0),
        (value * 100).toFixed(1),
      ]),
    ]),
  );
  expect(rate).toBeGreaterThan(0.9 * RATE);
  expect(cores.length).toBeGreaterThan(0);
  for (const { value } of cores) expect(value).toBeLessThan(BUDGET.cores);
  for (const { value } of bytes) expect(value).toBeLessThan(BUDGET.bytes);
}, 300_000);
