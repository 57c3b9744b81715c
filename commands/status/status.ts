import { since } from '../../charts/monitoring/alerts/database';
import { metrics } from '../../charts/monitoring/alerts/metrics';
import { promql } from '../../charts/monitoring/alerts/promql';
import { answersOf } from '../../charts/monitoring/dashboards/answers';
import { WINDOW } from '../../charts/monitoring/dashboards/panels';
import { runsPrometheus } from '../../charts/topology';
import type { Config } from '../../config';
import { list, serverVersion } from '../cluster/kubectl';
import { PrometheusClient } from '../cluster/prometheus';
import { progressOf, type Workload, type WorkloadStatus, workloadsOf } from '../cluster/workloads';
import { type Environment, environment, objectsOf } from '../environment';
import { foreignPolicies } from './foreign-policies';
import { type FiringAlert, healthy, lines, type Metric, type Status, type TierStatus } from './lines';

/** Queries to Prometheus, in the order of display. */
export function questions({ monitoring, backup }: Pick<Config, 'monitoring' | 'backup'>) {
  const { failed, quantile } = answersOf(monitoring);
  const absent = backup ? undefined : 'none: the configuration has no section `backup`';
  return [
    { name: 'requests of visitors', unit: '/s', promql: 'clamp_min(site:web_requests:rate, 0)' },
    { name: 'failed answers', unit: '%', promql: failed },
    { name: 'time to answer, p99', unit: 's', promql: quantile(0.99) },
    { name: 'replica lag', unit: 's', promql: 'max(database_replica_lag_seconds)' },
    { name: 'last backup', unit: 'age', promql: promql(since(metrics.backupSuccess)), absent },
    { name: 'last restore drill', unit: 'age', promql: promql(since(metrics.drillSuccess)), absent },
  ] as const satisfies readonly (Omit<Metric, 'value'> & { promql: string })[];
}

async function tiersOf(workloads: readonly Workload[]): Promise<TierStatus[]> {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))];
  const found = await Promise.all(
    namespaces.map(async (one) => {
      const objects = await list<WorkloadStatus>('deployments,statefulsets,daemonsets', one);
      return objects.map((object) => [`${one}/${object.kind}/${object.metadata.name}`, object] as const);
    }),
  );
  const objects = new Map(found.flat());
  return workloads.map(({ kind, name, namespace, tier }) => {
    const object = objects.get(`${namespace}/${kind}/${name}`);
    return object ? { tier, ...progressOf(object) } : { tier, ready: 0, wanted: undefined, done: false };
  });
}

async function measured(prometheus: PrometheusClient, config: Config): Promise<Metric[]> {
  const window = `${Math.max(60, 6 * config.monitoring.intervalSeconds)}s`;
  return Promise.all(
    questions(config).map(async ({ promql, ...metric }) => {
      const [first] = await prometheus.query(promql.replaceAll(WINDOW, window));
      return { ...metric, value: first && Number.isFinite(first.value) ? first.value : undefined };
    }),
  );
}

async function alerts(prometheus: PrometheusClient): Promise<FiringAlert[]> {
  const firing = await prometheus.query('ALERTS{alertstate="firing", severity!="watchdog"}');
  return firing.map(({ metric }) => ({
    name: metric.alertname ?? '',
    severity: metric.severity ?? 'no severity',
    about: metric.k8s_pod_name ?? metric.k8s_node_name ?? '',
  }));
}

async function ask(config: Config): Promise<Pick<Status, 'metrics' | 'alerts'>> {
  if (!runsPrometheus(config.monitoring)) return { metrics: 'external', alerts: undefined };
  let prometheus: PrometheusClient | undefined;
  try {
    prometheus = await PrometheusClient.connect(config);
    return { metrics: await measured(prometheus, config), alerts: await alerts(prometheus) };
  } catch (error) {
    return { metrics: { trouble: (error as Error).message }, alerts: undefined };
  } finally {
    prometheus?.close();
  }
}

/** The status of an environment on the cluster that KUBECONFIG names. Throws ClusterError if it does not answer. */
async function statusOf(chosen: Environment): Promise<Status> {
  const { config } = chosen;
  await serverVersion();
  const objects = objectsOf(chosen);
  const [tiers, asked, foreign] = await Promise.all([
    tiersOf(workloadsOf(objects, config)),
    ask(config),
    foreignPolicies(config, objects),
  ]);
  return { name: config.name, tiers, foreign, ...asked };
}

/** Prints the status of an environment. @param json for programs @returns the exit code: 1 when a script should stop */
export async function showStatus(name: string | undefined, json = false): Promise<number> {
  const status = await statusOf(environment(name));
  console.log(json ? JSON.stringify({ ...status, healthy: healthy(status) }, null, 2) : lines(status).join('\n'));
  return healthy(status) ? 0 : 1;
}
