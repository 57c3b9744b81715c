import { portsOf } from '../../../charts/topology';
import { eventually } from '../support/eventually';
import { config, kubectl, readyPods } from '../support/kubectl';
import { Prometheus } from '../support/prometheus';
import { StandIns } from '../support/standins';
import { table } from '../support/table';

/** Pods of each tier that vanish at once: enough that some scrape is in progress, whose packets are then unanswered. */
const COPIES = 8;
const TIERS = ['load-balancer', 'web', 'app', 'database'] as const;
const PORTS = [...new Set(TIERS.flatMap((tier) => Object.values(portsOf(tier, config))))];

/** Seconds from a new server's start to its metrics: two collections, and what a busy machine needs. */
const ALLOWED = 45;
/** The same for the receiver of MySQL, which has no time-out: Linux gives up after 127 s. */
const ALLOWED_MYSQL = 127 + ALLOWED;

let prometheus: Prometheus;
const rows = [['metrics of a replaced database', 'after', 'allowed']];
beforeAll(async () => {
  prometheus = await Prometheus.connect();
});
afterAll(async () => {
  console.log(table(rows));
  prometheus.close();
  await StandIns.removeAll();
}, 180_000);

test('pods that vanish keep no collector from the metrics of the next', async () => {
  const replica = (await readyPods('database')).at(-1);
  if (!replica) throw new Error('no database is ready');
  const { name } = replica.metadata;
  await StandIns.start(PORTS, TIERS, { copies: COPIES, node: replica.spec.nodeName });
  await eventually('the collector asks all of them', 60, async () => {
    const asked = await prometheus.query('count by (k8s_pod_name) (up{k8s_pod_name=~"firewall-trial-.*"})');
    // HAProxy's metrics are no target of a scrape
    return asked.length === (TIERS.length - 1) * COPIES;
  });
  await StandIns.deletePods();
  await kubectl(['delete', 'pod', name, '-n', config.name], { seconds: 120 });
  const replaced = Date.now();
  const seconds = (): number => (Date.now() - replaced) / 1000;
  for (const [metric, allowed] of [
    ['database_uptime_seconds', ALLOWED],
    ['mysql_uptime_seconds_total', ALLOWED_MYSQL],
  ] as const) {
    await eventually(`${metric} of the new server arrives`, allowed, async () => {
      const [sample] = await prometheus.query(`${metric}{k8s_pod_name="${name}"}`);
      return sample !== undefined && sample.value < seconds();
    });
    rows.push([metric, `${seconds().toFixed(0)} s`, `${allowed} s`]);
  }
}, 600_000);
