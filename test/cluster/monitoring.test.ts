import { alertsOf } from '../../charts/monitoring/alerts';
import { conditionMetrics } from '../../charts/monitoring/alerts/promql';
import { webRequestsPerSecond } from '../../charts/monitoring/prometheus/config';
import { eventually } from './support/eventually';
import { config, kubectl, readyPods } from './support/kubectl';
import { Prometheus } from './support/prometheus';
import { Traffic } from './support/traffic';
import { Visitor } from './support/visitor';

/** Requests per second and seconds of the known load: more than the window of the recorded rate. */
const RATE = 40;
const SECONDS = 100;

let prometheus: Prometheus;
let visitor: Visitor;
beforeAll(async () => {
  visitor = await Visitor.arrive();
  prometheus = await Prometheus.connect();
});
afterAll(() => prometheus.close());

/** Series of the tier's servers, one for each ready pod. */
const perPod = async (what: string, tier: 'load-balancer' | 'web' | 'app' | 'database', promql: string) => {
  const pods = (await readyPods(tier)).map(({ metadata }) => metadata.name);
  await eventually(`${what} of each pod of ${tier} arrive`, 60, async () => {
    const seen = (await prometheus.query(promql)).map(({ metric }) => metric.k8s_pod_name);
    const missing = pods.filter((pod) => !seen.includes(pod));
    if (missing.length > 0) throw new Error(`none of ${missing.join(', ')}; there are ${seen.join(', ')}`);
    return true;
  });
};

test('metrics of HAProxy, Nginx, the app and MySQL arrive from every pod', async () => {
  await perPod(
    'sessions',
    'load-balancer',
    'sum by (k8s_pod_name) (haproxy_sessions_total{haproxy_service_name="FRONTEND"})',
  );
  await perPod('requests', 'web', 'nginx_requests_total');
  await perPod('requests', 'app', 'sum by (k8s_pod_name) (http_requests_total)');
  await perPod('event loop lag', 'app', 'nodejs_eventloop_lag_p99_seconds');
  await perPod('queries', 'database', 'mysql_query_count_total');
  await perPod('threads', 'database', 'sum by (k8s_pod_name) (mysql_threads)');
});

test('the app is asked for its health from outside', async () => {
  await perPod('readiness', 'app', 'sum by (k8s_pod_name) (httpcheck_status{http_status_class="2xx"} == 1)');
});

test('metrics of every node arrive: processors, memory, load and the file system that its kubelet sees', async () => {
  const nodes = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])).items as { metadata: { name: string } }[];
  for (const promql of [
    'sum by (k8s_node_name) (system_cpu_time_seconds_total)',
    'sum by (k8s_node_name) (system_memory_usage_bytes)',
    'system_cpu_load_average_1m',
    'k8s_node_filesystem_available_bytes',
  ]) {
    await eventually(`${promql} of each node arrives`, 60, async () => {
      const seen = new Set((await prometheus.query(promql)).map(({ metric }) => metric.k8s_node_name));
      return nodes.every(({ metadata }) => seen.has(metadata.name));
    });
  }
});

test('every metric that an alert asks for arrives: no alert uses a name that is never shipped', async () => {
  await visitor.get('/static/app.css');
  const names = [...new Set(alertsOf(config).flatMap(({ condition }) => conditionMetrics(condition)))]
    // reported after the first run, up to a week after the start; backup.test.ts runs them and checks
    .filter(({ prometheus: name }) => !/^(backup|restore_drill)_/.test(name));
  await eventually('every metric of the alerts arrives', 90, async () => {
    const missing: string[] = [];
    for (const { prometheus: name } of names) {
      if ((await prometheus.query(`count(last_over_time(${name}[10m]))`)).length === 0) missing.push(name);
    }
    if (missing.length > 0) throw new Error(`none of ${missing.join(', ')}`);
    return true;
  });
});

test('the requests per second that it shows are those of a known load, within 5 %', async () => {
  const traffic = new Traffic(visitor, '/whoami', RATE);
  const shown: number[] = [];
  const started = Date.now();
  const seconds = (): number => (Date.now() - started) / 1000;
  // from the time when the window contains only the load, and its newest samples have arrived
  await eventually('the load runs to its end', SECONDS + 30, async () => {
    if (seconds() > 85) shown.push(await prometheus.value(webRequestsPerSecond(config)));
    return seconds() >= SECONDS;
  });
  const { sent, ok } = await traffic.stop();
  const mean = shown.reduce((sum, value) => sum + value, 0) / shown.length;
  const rate = sent / seconds();
  console.log(
    `known: ${sent} requests, ${rate.toFixed(2)}/s; shown: ${mean.toFixed(2)}/s (${(100 * (mean / rate - 1)).toFixed(1)} %)`,
  );
  expect(ok).toBe(sent);
  expect(sent).toBeGreaterThanOrEqual(2000);
  expect(Math.abs(mean / rate - 1)).toBeLessThan(0.05);
}, 200_000);
