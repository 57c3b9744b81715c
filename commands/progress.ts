import { setTimeout as sleep } from 'node:timers/promises';
import { namespaceOf, selectorOf, type TierName, tiersOf } from '../charts/topology';
import type { Config } from '../config';
import { type PodStatus, troubleOf } from './diagnosis';
import { ClusterError, get, kubectl, list } from './kubectl';

const POLL_MS = 2000;

/** What runs the pods of each tier. */
const WORKLOADS: Record<TierName, readonly [kind: 'statefulset' | 'deployment' | 'daemonset', name: string]> = {
  database: ['statefulset', 'database'],
  app: ['deployment', 'app'],
  web: ['deployment', 'web'],
  'load-balancer': ['deployment', 'load-balancer'],
  'monitoring-service': ['statefulset', 'monitoring-service'],
  monitoring: ['daemonset', 'collector'],
};

interface Workload {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas?: number };
  readonly status: Readonly<
    Partial<
      Record<
        | 'observedGeneration'
        | 'readyReplicas'
        | 'updatedReplicas'
        | 'replicas'
        | 'desiredNumberScheduled'
        | 'updatedNumberScheduled'
        | 'numberReady',
        number
      >
    >
  >;
}

/** Pods of a tier: `ready` of `wanted`; `done` when all of them are of the newest version. */
export interface Progress {
  readonly ready: number;
  readonly wanted: number;
  readonly done: boolean;
}

/** Reads the progress of a workload from its status. */
export function progressOf({ metadata, spec, status }: Workload): Progress {
  const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
  const ready = status.numberReady ?? status.readyReplicas ?? 0;
  const updated = status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
  const seen = status.observedGeneration === metadata.generation;
  return {
    ready,
    wanted,
    done: seen && wanted > 0 && ready === wanted && updated === wanted && (status.replicas ?? wanted) === wanted,
  };
}

/**
 * Waits until every tier runs its newest version, a line for each step.
 * @param seconds deadline
 * @throws ClusterError with the reason and the last log lines of a pod that will not start, or at the deadline
 */
export async function waitForTiers(config: Config, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  const order = (Object.keys(WORKLOADS) as TierName[]).filter((tier) => tiersOf(config).includes(tier));
  const said = new Map<TierName, string>();
  for (;;) {
    const waiting: TierName[] = [];
    for (const tier of order) {
      const [kind, name] = WORKLOADS[tier];
      const workload = await get<Workload>(kind, name, namespaceOf(tier, config));
      if (!workload) throw new ClusterError(`${kind} ${name} vanished while it was waited for`);
      const { ready, wanted, done } = progressOf(workload);
      if (!done) waiting.push(tier);
      const line = `${tier.padEnd(20)} ${ready}/${wanted}${done ? ' ready' : ''}`;
      if (said.get(tier) !== line) console.log(line);
      said.set(tier, line);
    }
    if (waiting.length === 0) return;
    for (const tier of waiting) await failOnTrouble(tier, config);
    if (Date.now() > deadline) throw new ClusterError(await lateMessage(waiting, config, seconds));
    await sleep(POLL_MS);
  }
}

async function failOnTrouble(tier: TierName, config: Config): Promise<void> {
  for (const pod of await list<PodStatus>('pods', namespaceOf(tier, config), selectorOf(tier, config))) {
    const trouble = troubleOf(pod, Date.now());
    if (trouble) {
      const log = trouble.container ? await lastLines(trouble.pod, namespaceOf(tier, config)) : '';
      throw new ClusterError(`${tier}: pod ${trouble.pod} does not start: ${trouble.reason}\n  ${trouble.help}${log}`);
    }
  }
}

/** The log of the container's last life, since the present one may just have begun. */
async function lastLines(pod: string, namespace: string): Promise<string> {
  const args = ['logs', pod, '-n', namespace, '--tail=15'];
  const text = await kubectl([...args, '--previous']).catch(() => kubectl(args).catch(() => ''));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `\n  | ${line}`)
    .join('');
}

async function lateMessage(waiting: readonly TierName[], config: Config, seconds: number): Promise<string> {
  const lines = await Promise.all(
    waiting.map(async (tier) => {
      const pods = await list<PodStatus>('pods', namespaceOf(tier, config), selectorOf(tier, config));
      const unready = pods.find(
        (pod) => !pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'),
      );
      return `  ${tier}: ${unready ? `kubectl describe pod ${unready.metadata.name} -n ${namespaceOf(tier, config)}` : 'its pods are ready, its rollout is not complete'}`;
    }),
  );
  return `not everything was ready within ${seconds} s; still waiting for\n${lines.join('\n')}`;
}
